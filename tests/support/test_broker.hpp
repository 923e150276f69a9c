// SPDX-License-Identifier: Apache-2.0
//
// A real mosquitto on loopback with mutual TLS 1.3: certificates made by the openssl command line in a temporary
// folder, ids forced to the certificate's CN, to be killed and started again on the same port.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "protocol/adapters/mqtt_connection.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::testing {

// Asks again and again until it holds or the deadline is over.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

class TestBroker {
public:
    // `access` is the text of an ACL file; empty: everyone may do everything.
    explicit TestBroker(const std::string& access = {}, const std::string& extra = {}) {
        shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=test-ca"
              " -keyout ca.key -out ca.pem");
        issue("broker");
        port_ = free_port();
        std::ofstream(folder_ / "broker.conf")
            << "user " << (::geteuid() == 0 ? "root" : "mosquitto") << "\nper_listener_settings false\npersistence false\nlog_type warning\nlog_dest file "
            << (folder_ / "broker.log").string() << "\nlistener " << port_ << " 127.0.0.1\n"
            << "cafile " << (folder_ / "ca.pem").string() << "\ncertfile " << certificate("broker").string()
            << "\nkeyfile " << key("broker").string()
            << "\nrequire_certificate true\nuse_identity_as_username true\nuse_username_as_clientid true\n"
            << "max_queued_messages 1000000\nmax_inflight_messages 1000\n"
            << (extra.empty() ? "tls_version tlsv1.3\n" : extra)
            << (access.empty() ? "" : "acl_file " + (folder_ / "acl").string() + "\n");
        if (!access.empty()) {
            std::ofstream(folder_ / "acl") << access;
            std::filesystem::permissions(folder_ / "acl", std::filesystem::perms(0600));
        }
        start();
    }
    ~TestBroker() { kill(); }
    TestBroker(const TestBroker&) = delete;
    TestBroker& operator=(const TestBroker&) = delete;

    // kill -9, as a crash would.
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

    void start() {
        std::string config = (folder_ / "broker.conf").string();
        char name[] = "mosquitto";
        char option[] = "-c";
        char* arguments[] = {name, option, config.data(), nullptr};
        const char* program = ::access("/usr/sbin/mosquitto", X_OK) == 0 ? "/usr/sbin/mosquitto" : "mosquitto";
        const std::string output = (folder_ / "broker.out").string();
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies leaves no broker behind
            const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(out, STDOUT_FILENO);
            ::dup2(out, STDERR_FILENO);
            ::execvp(program, arguments);
            ::_exit(127);
        }
        if (!eventually([this] { return answers(); })) std::abort();
    }

    // A certificate for this CN, signed by the broker's CA.
    void issue(const std::string& name) {
        std::ofstream(folder_ / "san.cnf") << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
        shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + name +
              ".key -out " + name + ".csr && openssl x509 -req -in " + name +
              ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile san.cnf -out " + name +
              ".pem && chmod 600 " + name + ".key");
    }

    // Options for a client with this CN; its certificate is made when it is new.
    [[nodiscard]] MqttOptions client(const std::string& name) {
        if (!std::filesystem::exists(certificate(name))) issue(name);
        MqttOptions options;
        options.port = port_;
        options.client_id = name;
        options.ca_file = folder_ / "ca.pem";
        options.cert_file = certificate(name);
        options.key_file = key(name);
        return options;
    }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] std::filesystem::path certificate(const std::string& name) const { return folder_ / (name + ".pem"); }
    [[nodiscard]] std::filesystem::path key(const std::string& name) const { return folder_ / (name + ".key"); }

private:
    void shell(const std::string& command) {
        const std::string line = "cd '" + folder_.path().string() + "' && (" + command + ") > openssl.log 2>&1";
        if (std::system(line.c_str()) != 0) std::abort();
    }

    static int free_port() {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            std::abort();
        ::close(listener);
        return ntohs(address.sin_port);
    }

    [[nodiscard]] bool answers() const {
        const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port_));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool open = ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        ::close(probe);
        return open;
    }

    TemporaryFolder folder_;
    int port_ = 0;
    pid_t process_ = 0;
};

}  // namespace sallyport::testing
