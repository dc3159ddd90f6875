/** How much a benchmark of the accounting measures. */
export interface Extent {
  pairs: number;
  /** Of each measurement. */
  seconds: number;
  /** How often a program that ends at once is run. */
  runs: number;
}

/** How much a benchmark of limits measures. */
export interface LimitExtent {
  /** Of each measurement, after two more. */
  seconds: number;
  connections: readonly number[];
  pairs: number;
  /** The limits, in bytes per second. */
  rates: readonly number[];
}
