// SPDX-License-Identifier: Apache-2.0
#include "protocol/adapters/posix_signals.hpp"

#include <signal.h>

namespace sallyport {
namespace {

sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

}  // namespace

void block_ending_signals() {
    const sigset_t signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

std::optional<std::string> wait_for_ending_signal(std::chrono::milliseconds patience) {
    const sigset_t signals = ending_signals();
    const timespec pause{static_cast<time_t>(patience.count() / 1000),
                         static_cast<long>(patience.count() % 1000 * 1'000'000)};
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal != SIGTERM && signal != SIGINT)
        return std::nullopt;
    return signal == SIGTERM ? "sigterm" : "sigint";
}

}  // namespace sallyport
