/** Where the embedded store keeps its data unless `--data` says otherwise. */
export const DEFAULT_DATA = 'ballast-data';
