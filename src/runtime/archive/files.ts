/** The file operations of the archive's writer: the disk's, or in tests one that is full, slow or failing. */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface ArchiveFile {
  /** Writes all of `bytes` at `position`; may be called again with the same position after it failed. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

export interface ArchiveFiles {
  /** A new file, and the folders above it. Rejects with code `EEXIST` where there is one of that name. */
  create(path: string): Promise<ArchiveFile>;
}

export const diskFiles: ArchiveFiles = {
  async create(path) {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx');
    return {
      async write(bytes, position) {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
          done += bytesWritten;
        }
      },
      close: () => file.close(),
    };
  },
};
