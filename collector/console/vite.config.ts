// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

// Nothing is inlined: the server's content security policy allows files of its own only.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
});
