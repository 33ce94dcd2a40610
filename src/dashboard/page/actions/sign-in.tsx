/** Signing in with a token: the stop token to act, the read token where reading takes one. It is sent once and not kept here. */
import { useSignal } from '@preact/signals';
import type { TargetedEvent } from 'preact';
import { sentenceText } from '../../views/format.ts';
import { signIn } from '../session.ts';
import { session } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { useFocus } from './use-focus.ts';

/** The whole view, where nothing may be read without a token. */
export function SignInView({ error }: { readonly error: string | null }): preact.JSX.Element {
  return (
    <section class="panel sign-in" aria-labelledby="sign-in">
      <h1 id="sign-in">Sign in</h1>
      {error !== null && <p class="form-error">{sentenceText(error)}</p>}
      <SignInForm />
    </section>
  );
}

export function SignInForm({ onDone }: { readonly onDone?: () => void }): preact.JSX.Element {
  const error = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const input = useFocus<HTMLInputElement>();
  const submit = async (event: TargetedEvent<HTMLFormElement, SubmitEvent>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const token = new FormData(form).get('token');
    isBusy.value = true;
    error.value = await signIn(typeof token === 'string' ? token.trim() : '');
    isBusy.value = false;
    if (error.value !== null) return;
    form.reset();
    onDone?.();
  };
  const mayAct = session.value?.can_stop ?? false;
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      {!mayAct && session.value !== null && (
        <p class="form-note">
          <Icon name="info" />
          Acting is off: no DASHBOARD_STOP_TOKEN is set where this dashboard runs.
        </p>
      )}
      <label>
        Token
        <input
          ref={input}
          type="password"
          name="token"
          autocomplete="current-password"
          required
          maxLength={512}
          spellcheck={false}
          autofocus
        />
      </label>
      <p class="form-hint">
        The value of DASHBOARD_STOP_TOKEN to act, or of DASHBOARD_READ_TOKEN to read where that is set.
      </p>
      {error.value !== null && (
        <p class="form-error" role="alert">
          <Icon name="octagon" />
          {sentenceText(error.value)}
        </p>
      )}
      <div class="form-end">
        <button type="submit" class="is-primary" disabled={isBusy.value}>
          {isBusy.value ? 'Signing in …' : 'Sign in'}
        </button>
      </div>
    </form>
  );
}
