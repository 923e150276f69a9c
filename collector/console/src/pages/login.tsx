// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { api, ApiError } from "../api";
import { Fault, useAct } from "../parts/basics";
import { dispatch } from "../store";

export function LogIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null); // null: not asked for yet
  const { busy, fault, run } = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      try {
        dispatch({ type: "session", session: await api.logIn(name, password, code) });
      } catch (failure) {
        if (failure instanceof ApiError && failure.code === "second_factor" && code === null) return setCode("");
        throw failure;
      }
    });
  };
  return (
    <main class="login">
      <form onSubmit={submit}>
        <h1>Sallyport</h1>
        <p class="faint">Physical protection of CLETS terminals</p>
        <label>Name
          <input name="name" autocomplete="username" autofocus required value={name}
            onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>Password
          <input name="password" type="password" autocomplete="current-password" required value={password}
            onInput={(event) => setPassword(event.currentTarget.value)} />
        </label>
        {code !== null && (
          <label>Code of your authenticator app
            <input name="code" inputMode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" autofocus required value={code}
              onInput={(event) => setCode(event.currentTarget.value)} />
          </label>
        )}
        <Fault message={fault} />
        <button class="primary" disabled={busy}>{busy ? "Logging in…" : "Log in"}</button>
        <p class="faint small">Authorised use only. What you do here is recorded.</p>
      </form>
    </main>
  );
}
