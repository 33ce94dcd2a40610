/** Focus where one goes on: `autofocus` is heeded when a dialog opens, not when what is in it changes. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function useFocus<Focusable extends HTMLElement>(): RefObject<Focusable | null> {
  const element = useRef<Focusable>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
