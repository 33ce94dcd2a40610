/** The one dialog of the page: native, so that keys, focus and what lies behind it are the browser's business. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../ui/icon.tsx';
import { ActionForm } from './action-form.tsx';
import { closeDialog, dialog, openDialog, type OpenDialog } from './open-dialog.ts';
import { SignInForm } from './sign-in.tsx';

const TITLES: { readonly [K in OpenDialog['kind']]: string } = {
  'stop-entries': 'Stop entries',
  halt: 'Halt everything',
  rearm: 'Re-arm',
  'sign-in': 'Sign in',
};

export function ActionDialog(): preact.JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const open = dialog.value;
  const isOpen = open !== null;
  useEffect(() => {
    if (isOpen) element.current?.showModal();
    else element.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={element} class="dialog" aria-labelledby="dialog-title" onClose={closeDialog}>
      {open !== null && (
        <>
          <header class="dialog-head">
            <h2 id="dialog-title">{titleOf(open)}</h2>
            <button type="button" class="is-quiet is-square" aria-label="Close" onClick={closeDialog}>
              <Icon name="cross" />
            </button>
          </header>
          {open.kind === 'sign-in' ? (
            <SignInForm onDone={() => (open.next === null ? closeDialog() : openDialog(open.next))} />
          ) : (
            <ActionForm key={keyOf(open)} wanted={open} />
          )}
        </>
      )}
    </dialog>
  );
}

function titleOf(open: OpenDialog): string {
  if (open.kind === 'rearm' && open.symbol !== null) return `Re-arm ${open.symbol}`;
  return open.kind === 'rearm' ? 'Re-arm everything' : TITLES[open.kind];
}

function keyOf(open: OpenDialog): string {
  return open.kind === 'rearm' ? `rearm ${open.symbol ?? ''}` : open.kind;
}
