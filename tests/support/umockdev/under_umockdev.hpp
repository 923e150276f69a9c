// SPDX-License-Identifier: Apache-2.0
//
// Lets a program see umockdev's devices: it starts itself again with the preload library, once, before main()
// runs. Without UMOCKDEV_DIR in its environment nothing changes for it, so listing tests goes on working.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace sallyport::testing {

inline constexpr const char* kUmockdevPreload = "libumockdev-preload.so.0";

inline bool start_again_under_umockdev() {
    const char* loaded = std::getenv("LD_PRELOAD");
    const std::string before = loaded == nullptr ? "" : loaded;
    if (before.find(kUmockdevPreload) != std::string::npos) return true;
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');)
        words.push_back(word);
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    setenv("LD_PRELOAD",
           before.empty() ? kUmockdevPreload : (std::string(kUmockdevPreload) + ":" + before).c_str(), 1);
#ifdef __SANITIZE_ADDRESS__
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 0);  // the preload library comes before its runtime
#endif
    execv("/proc/self/exe", arguments.data());
    return false;
}

}  // namespace sallyport::testing
