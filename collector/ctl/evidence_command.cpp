// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/evidence_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/evidence_verify_command.hpp"
#include "collector/evidence/proof_file.hpp"
#include "protocol/files.hpp"

namespace sallyport::ctl {
namespace {

void check_proof_file(Invocation& invocation, const std::filesystem::path& file) {
    invocation.run([&]() -> Result<void> {
        auto text = read_file(file);
        if (!text)
            return text.error();
        if (auto proven = evidence::check_proof(*text); proven) {
            std::cout << file.string() << ": proven: " << proven->sentence << '\n';
        } else {
            std::cout << file.string() << ": NOT proven: " << proven.error().message() << '\n';
            invocation.end_with(ExitCode::checked_wrong);
        }
        return {};
    });
}

}  // namespace

void add_evidence_commands(CLI::App& app, Invocation& invocation) {
    auto* group = app.add_subcommand("evidence", "What can be proven of the event log")->require_subcommand(1);
    auto* check = group->add_subcommand("check-proof", "Checks a single inclusion or consistency proof; nothing else is needed");
    auto file = std::make_shared<std::filesystem::path>();
    check->add_option("FILE", *file, "JSON: leafIdx, treeSize, root, leafHash, proof; or size1, size2, root1, root2, proof")
        ->required();
    check->callback([&invocation, file] { check_proof_file(invocation, *file); });
    add_evidence_verify_command(*group, invocation);
}

}  // namespace sallyport::ctl
