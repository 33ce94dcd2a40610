/** Which paths below `src` a Markdown document names. */

export interface NamedPaths {
  /** Files and folders below `src` that the document says are there: `src/core/budget`, `src/core/num.ts`. */
  readonly claimed: readonly string[];
  /** The same, and folders named without `src/` in backticks (`core/budget/`), which may be meant otherwise. */
  readonly mentioned: readonly string[];
}

/**
 * A path is named where `src/…` is written, in backticks with a slash at its end (`core/budget/`), or as a
 * line of a tree: a fenced block in which `src/` stands alone on a line and folders are indented below it.
 */
export function pathsNamed(markdown: string): NamedPaths {
  const written = [...markdown.matchAll(/(?<![\w./-])src\/[\w./-]*[\w-]/g)].map(([path]) => path);
  const blocks = [...markdown.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const claimed = [...written, ...blocks.flatMap(foldersOfTree)].filter((path) => !/[A-Z]{2}/.test(path));
  const short = [...markdown.matchAll(/`((?:[\w-]+\/)+)`/g)].map(
    ([, path = '']) => `src/${path.slice(0, -1)}`,
  );
  const unique = (paths: readonly string[]): string[] => [...new Set(paths)].toSorted();
  return { claimed: unique(claimed), mentioned: unique([...claimed, ...short]) };
}

/** The folders of an indented tree below its line `src/`; what follows a folder's name on its line is prose. */
function foldersOfTree(block: string): string[] {
  const found: string[] = [];
  let open: { readonly indent: number; readonly path: string }[] = [];
  for (const line of block.split('\n')) {
    const [, space = '', name = ''] = /^([\s│├└─|`-]*)([\w-]+)\/(?=\s|$)/.exec(line) ?? [];
    if (name === '') continue;
    open = open.filter(({ indent }) => indent < space.length);
    const parent = open.at(-1);
    if (parent === undefined && name !== 'src') continue;
    const path = parent === undefined ? name : `${parent.path}/${name}`;
    open.push({ indent: space.length, path });
    if (parent !== undefined) found.push(path);
  }
  return found;
}
