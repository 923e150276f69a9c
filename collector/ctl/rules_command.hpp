// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace sallyport::ctl {

// `rules check`, `rules test`, `rules run`, `rules list`: everything about rules that needs no store. Joins
// the subcommand `rules` where there is one already. `exit_code` gets the code of system.md section 5 when
// one of them ran; both have to outlive the parsing.
void add_rules_command(CLI::App& app, int& exit_code);

}  // namespace sallyport::ctl
