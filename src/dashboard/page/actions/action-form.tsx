/** Who, why, and a word typed: the three things that every action takes; re-arming its own token besides. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, TargetedEvent } from 'preact';
import type { ActionResult } from '../../wire.ts';
import { countText, sentenceText } from '../../views/format.ts';
import type { Answer } from '../api.ts';
import { session } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { rearm, stop, whyNot, type Wanted } from './act.ts';
import { closeDialog, openDialog, type OpenDialog } from './open-dialog.ts';
import { useFocus } from './use-focus.ts';

type ActionDialogKind = Exclude<OpenDialog, { kind: 'sign-in' }>;

/** As long as the page is open: an operator is asked for the name once. */
let lastName = '';

/** As the server takes it. */
const MAX_TYPED = 64;

export function ActionForm({ wanted }: { readonly wanted: ActionDialogKind }): preact.JSX.Element {
  const answer = useSignal<Answer<ActionResult> | null>(null);
  const isBusy = useSignal(false);
  const typed = useSignal('');
  const first = useFocus<HTMLInputElement>();
  const word = wordOf(wanted);
  const forbidden = whyNot(session.value, wanted.kind === 'rearm') ?? whyUntypable(word);
  const submit = async (event: TargetedEvent<HTMLFormElement, SubmitEvent>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const fields = { by: textIn(form, 'by'), reason: textIn(form, 'reason'), confirm: typed.value };
    lastName = fields.by;
    isBusy.value = true;
    answer.value = await send(wanted, textIn(form, 'rearm_token'), fields);
    isBusy.value = false;
  };
  if (forbidden !== null) return <Forbidden why={forbidden} wanted={wanted} />;
  if (answer.value?.ok === true) return <Done result={answer.value.value} />;
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <p class="form-lead">{MEANINGS[meaningOf(wanted)]}</p>
      <label>
        Your name
        <input
          ref={first}
          name="by"
          type="text"
          required
          maxLength={64}
          autocomplete="username"
          defaultValue={lastName}
          autofocus
        />
      </label>
      <label>
        Reason
        <input name="reason" type="text" required maxLength={300} autocomplete="off" />
      </label>
      {wanted.kind === 'rearm' && (
        <label>
          Re-arm token
          <input name="rearm_token" type="password" required maxLength={512} autocomplete="off" />
        </label>
      )}
      <label>
        <span>
          Type <code class="confirm-word">{word}</code> to confirm
        </span>
        <input
          name="confirm"
          type="text"
          required
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      </label>
      {answer.value?.ok === false && <FormError>{sentenceText(answer.value.error)}</FormError>}
      <div class="form-end">
        <button type="button" onClick={closeDialog}>
          Cancel
        </button>
        <button
          type="submit"
          class={wanted.kind === 'rearm' ? 'is-primary' : 'is-danger'}
          disabled={isBusy.value || typed.value.trim() !== word}
        >
          {isBusy.value ? 'Sending …' : VERBS[wanted.kind]}
        </button>
      </div>
    </form>
  );
}

const VERBS: { readonly [K in ActionDialogKind['kind']]: string } = {
  'stop-entries': 'Stop entries',
  halt: 'Halt everything',
  rearm: 'Re-arm',
};

const MEANINGS = {
  'stop-entries':
    'No plan that opens or adds is permitted any more, and outstanding permits to open are void. Closing stays possible.',
  halt: 'Nothing is permitted any more, not even closing, and every outstanding permit is void. Positions stay as they are.',
  rearm: 'The symbol may be opened again. What disarmed it may still be there: look at its events first.',
  'rearm-all': 'Trading goes on: the state becomes ACTIVE and every disarmed symbol may be opened again.',
} as const;

function meaningOf(wanted: ActionDialogKind): keyof typeof MEANINGS {
  return wanted.kind === 'rearm' && wanted.symbol === null ? 'rearm-all' : wanted.kind;
}

function wordOf(wanted: ActionDialogKind): string {
  if (wanted.kind === 'rearm') return wanted.symbol ?? 'ALL';
  return wanted.kind === 'halt' ? 'HALT' : 'STOP';
}

async function send(
  wanted: ActionDialogKind,
  rearmToken: string,
  fields: Wanted,
): Promise<Answer<ActionResult>> {
  const trimmed = { ...fields, confirm: fields.confirm.trim() };
  return wanted.kind === 'rearm' ? rearm(wanted.symbol, rearmToken, trimmed) : stop(wanted.kind, trimmed);
}

/** A name nobody can type: nobody can confirm it here. Null: it can be. */
function whyUntypable(word: string): string | null {
  if (word.length <= MAX_TYPED && word.trim() === word && !/[\p{Cc}\p{Cf}]/u.test(word)) return null;
  return 'This name cannot be typed to confirm it: it is too long or has characters that are not seen. “Re-arm all” arms it too, and “ballast rearm” from a terminal arms it alone.';
}

function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

function Done({ result }: { readonly result: ActionResult }): preact.JSX.Element {
  const close = useFocus<HTMLButtonElement>();
  const { state, voided, rearmed, took_ms: tookMs } = result;
  const parts = [
    voided > 0 ? `${countText(voided, 'outstanding permit')} voided.` : null,
    rearmed.length > 0 ? `Re-armed: ${rearmed.join(', ')}.` : null,
  ].filter((part) => part !== null);
  return (
    <div class="form" role="status">
      <p class="form-done">
        <Icon name="check" />
        <span>
          Done in {Math.max(1, Math.round(tookMs))} ms. The trading state is <strong>{state}</strong>.{' '}
          {parts.join(' ')}
        </span>
      </p>
      <div class="form-end">
        <button ref={close} type="button" class="is-primary" onClick={closeDialog}>
          Close
        </button>
      </div>
    </div>
  );
}

function Forbidden({
  why,
  wanted,
}: {
  readonly why: string;
  readonly wanted: ActionDialogKind;
}): preact.JSX.Element {
  const canSignIn = session.value?.can_stop === true && session.value.rights !== 'stop';
  return (
    <div class="form">
      <p class="form-note">
        <Icon name="lock" />
        <span>{why}</span>
      </p>
      <p class="form-hint">
        {wanted.kind === 'rearm'
          ? 'Re-arming always takes a second token besides: who can stop cannot start again by it alone.'
          : 'Whoever holds the token may stop; starting again takes another one.'}
      </p>
      <div class="form-end">
        <button type="button" onClick={closeDialog}>
          Close
        </button>
        {canSignIn && (
          <button
            type="button"
            class="is-primary"
            onClick={() => openDialog({ kind: 'sign-in', next: wanted })}
          >
            Sign in
          </button>
        )}
      </div>
    </div>
  );
}

function FormError({ children }: { readonly children: ComponentChildren }): preact.JSX.Element {
  return (
    <p class="form-error" role="alert">
      <Icon name="octagon" />
      <span>{children}</span>
    </p>
  );
}
