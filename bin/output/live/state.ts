import { orders, reversed, type Order } from './order.js';

/** What keys have made of the live table. */
export interface LiveState {
  order: Order;
  paused: boolean;
  /** The text that the processes shown have; empty where all are shown. */
  filter: string;
  /** Whether the filter is being typed. */
  typing: boolean;
  /** Whether command lines are shown instead of names and paths. */
  commands: boolean;
  page: 'processes' | 'connections' | 'help' | 'none';
}

/** Returns the state after a key; the page `none` ends the program. */
export function afterKey(state: LiveState, key: string): LiveState {
  if (key === 'Ctrl+c' || key === 'Ctrl+d') return { ...state, page: 'none' };
  if (state.typing) return afterTyping(state, key);
  if (key === 'q' || key === 'Q') return { ...state, page: 'none' };
  if (key === 'Esc') return back(state);
  if (key === ' ') return { ...state, paused: !state.paused };
  if (key === '?') return { ...state, page: state.page === 'help' ? 'processes' : 'help' };
  return state.page === 'processes' ? afterTableKey(state, key) : state;
}

function afterTableKey(state: LiveState, key: string): LiveState {
  if (key === '/') return { ...state, typing: true };
  if (key === 'Enter') return { ...state, page: 'connections' };
  if (key === 'c') return { ...state, commands: !state.commands };
  if (key === 'r') return { ...state, order: reversed(state.order) };
  return { ...state, order: orders[key] ?? state.order };
}

function afterTyping(state: LiveState, key: string): LiveState {
  if (key === 'Enter') return { ...state, typing: false };
  if (key === 'Esc') return { ...state, typing: false, filter: '' };
  if (key === 'Backspace') return { ...state, filter: Array.from(state.filter).slice(0, -1).join('') };
  if (key === 'Ctrl+u') return { ...state, filter: '' };
  return /^\P{Cc}$/u.test(key) ? { ...state, filter: state.filter + key } : state;
}

function back(state: LiveState): LiveState {
  if (state.page !== 'processes') return { ...state, page: 'processes' };
  return state.filter === '' ? { ...state, page: 'none' } : { ...state, filter: '' };
}
