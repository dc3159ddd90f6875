import { declareDll } from './dll.js';

export const shell32 = declareDll<{ IsUserAnAdmin(): boolean }>('shell32.dll', { IsUserAnAdmin: ['bool', ''] });
