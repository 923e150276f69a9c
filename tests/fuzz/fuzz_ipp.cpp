// SPDX-License-Identifier: Apache-2.0
//
// A print server that answers whatever it likes: the real CUPS library and the adapter behind it, over a socket. Each
// question gets the next part of the input (parts are ended by the two bytes 0xff 0xfe) as the body of a correct HTTP
// answer.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "agent/sensors/print/cups_queue.hpp"
#include "agent/sensors/print/print_source.hpp"
#include "agent/sensors/print/printer_identity.hpp"

using namespace sallyport::agent;

namespace {

class AnyServer {
public:
    AnyServer()
        : path_("/tmp/fuzz-ipp-" + std::to_string(getpid())),
          listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        unlink(path_.c_str());
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 8) != 0)
            std::abort();
        std::atexit([] { unlink(("/tmp/fuzz-ipp-" + std::to_string(getpid())).c_str()); });
        std::thread([this] { serve(); }).detach();
    }

    const std::string& path() const { return path_; }
    void say(std::string text) {
        const std::scoped_lock lock(mutex_);
        rest_ = std::move(text);
    }

private:
    std::string next_part() {
        const std::scoped_lock lock(mutex_);
        const auto end = std::min(rest_.find("\xff\xfe"), rest_.size());
        std::string part = rest_.substr(0, end);
        rest_.erase(0, end + 2);
        return part;
    }

    void serve() {
        for (int client; (client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; close(client))
            answer(client);
    }

    // A question ends with the IPP tag 0x03 for its end, which is the last byte that comes.
    void answer(int client) {
        char buffer[65536];
        std::string asked;
        for (ssize_t got; (got = read(client, buffer, sizeof buffer)) > 0;) {
            asked.append(buffer, static_cast<std::size_t>(got));
            if (asked.find("\r\n\r\n") == std::string::npos) continue;
            if (asked.ends_with("\r\n\r\n") && asked.find("100-continue") != std::string::npos) {
                if (!put(client, "HTTP/1.1 100 Continue\r\n\r\n")) return;
                continue;
            }
            if (!asked.ends_with('\x03') && !asked.ends_with("\r\n0\r\n\r\n")) continue;
            asked.clear();
            const std::string body = next_part();
            if (!put(client, "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: " +
                                 std::to_string(body.size()) + "\r\n\r\n" + body))
                return;
        }
    }

    static bool put(int client, const std::string& text) {
        return send(client, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    }

    std::string path_;
    int listener_;
    std::mutex mutex_;
    std::string rest_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static AnyServer& server = *new AnyServer;
    // An empty body makes CUPS wait for more; that is a time-out and nothing to learn from.
    if (size < 8) return 0;
    server.say(std::string(reinterpret_cast<const char*>(data), size));
    const auto queue = make_cups_queue(server.path());
    if (!queue->connect({})) return 0;
    if (auto jobs = queue->jobs(5))
        for (const PrintJob& job : *jobs)
            if (job.id < 5 || job.copies < 1) __builtin_trap();
    (void)queue->queues();
    (void)queue->queue_news();
    (void)queue->queue_news();
    return 0;
}
