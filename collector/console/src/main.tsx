// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { App } from "./app";
import "./style.css";

const theme = localStorage.getItem("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
render(<App />, document.getElementById("app")!);
