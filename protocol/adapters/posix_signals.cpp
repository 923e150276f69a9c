// SPDX-License-Identifier: Apache-2.0
#include "protocol/adapters/posix_signals.hpp"

#include <signal.h>

namespace sallyport {
namespace {

sigset_t service_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    return signals;
}

}  // namespace

std::string_view to_string(ServiceSignal signal) {
    switch (signal) {
        case ServiceSignal::terminate: return "sigterm";
        case ServiceSignal::interrupt: return "sigint";
        case ServiceSignal::reload: return "sighup";
    }
    return "unknown";
}

void block_service_signals() {
    const sigset_t signals = service_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

std::optional<ServiceSignal> wait_for_service_signal(std::chrono::milliseconds patience) {
    const sigset_t signals = service_signals();
    const timespec pause{static_cast<time_t>(patience.count() / 1000),
                         static_cast<long>(patience.count() % 1000 * 1'000'000)};
    switch (sigtimedwait(&signals, nullptr, &pause)) {
        case SIGTERM: return ServiceSignal::terminate;
        case SIGINT: return ServiceSignal::interrupt;
        case SIGHUP: return ServiceSignal::reload;
        default: return std::nullopt;
    }
}

}  // namespace sallyport
