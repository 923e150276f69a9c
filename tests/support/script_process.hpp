// SPDX-License-Identifier: Apache-2.0
//
// One of the harness scripts (tests/support/*/*.py) as a child: it says `ready ...`, then answers each line
// with one. It ends when its input is closed; nothing is ever killed by name.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

namespace sallyport::testing {

class ScriptProcess {
public:
    explicit ScriptProcess(const std::vector<std::string>& command) {
        int in[2];
        int out[2];
        // Closed in every other child: one that kept our end open would keep this one from seeing its end.
        if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return;
        child_ = fork();
        if (child_ == 0) {
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            std::vector<char*> words;
            for (const auto& word : command)
                words.push_back(const_cast<char*>(word.c_str()));
            words.push_back(nullptr);
            execv(words[0], words.data());
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        to_ = fdopen(in[1], "w");
        from_ = fdopen(out[0], "r");
        greeting_ = read_line();
    }
    ~ScriptProcess() {
        if (to_ != nullptr) fclose(to_);
        if (child_ > 0) waitpid(child_, nullptr, 0);
        if (from_ != nullptr) fclose(from_);
    }
    ScriptProcess(const ScriptProcess&) = delete;
    ScriptProcess& operator=(const ScriptProcess&) = delete;

    // What follows the word `ready`; empty when the script did not come up.
    [[nodiscard]] std::string ready() const {
        return greeting_.starts_with("ready ") ? greeting_.substr(6) : "";
    }
    [[nodiscard]] const std::string& greeting() const { return greeting_; }

    // Sends a command and expects `ok`; returns what follows it.
    std::string tell(const std::string& command) {
        fputs((command + "\n").c_str(), to_);
        fflush(to_);
        const std::string answer = read_line();
        EXPECT_TRUE(answer == "ok" || answer.starts_with("ok ")) << command << ": " << answer;
        return answer.size() > 3 ? answer.substr(3) : "";
    }

private:
    std::string read_line() {
        std::string line;
        for (int c = 0; from_ != nullptr && (c = fgetc(from_)) != EOF && c != '\n';)
            line += static_cast<char>(c);
        return line;
    }

    pid_t child_ = -1;
    FILE* to_ = nullptr;
    FILE* from_ = nullptr;
    std::string greeting_;
};

}  // namespace sallyport::testing
