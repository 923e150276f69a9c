// SPDX-License-Identifier: Apache-2.0
//
// A real mosquitto under the configuration that the real sallyportctl wrote, or under one that somebody spoiled.
// Who includes it defines SALLYPORTCTL.
#pragma once

#include <fstream>
#include <functional>
#include <sstream>

#include "tests/support/loopback.hpp"
#include "tests/support/test_broker.hpp"

namespace sallyport::testing {

class AgencyBroker {
public:
    AgencyBroker() {
        run("ca init --dir ca");
        run("broker config --dir broker --ca ca --port " + std::to_string(port_));
        start();
    }
    ~AgencyBroker() { kill(); }
    AgencyBroker(const AgencyBroker&) = delete;
    AgencyBroker& operator=(const AgencyBroker&) = delete;

    void run(const std::string& arguments) {
        shell("'" SALLYPORTCTL "' --store '" + (folder_ / "agency.db").string() + "' --ori CA0300000 " + arguments);
    }
    // Starts it anew with other lines in the place of those in its configuration that begin so.
    void spoil(const std::vector<std::pair<std::string, std::string>>& others) {
        std::istringstream lines(text_of_file("broker/mosquitto.conf"));
        std::string spoilt, line;
        while (std::getline(lines, line)) {
            for (const auto& [begin, instead] : others)
                if (line.starts_with(begin)) line = instead;
            spoilt += line + "\n";
        }
        write("broker/mosquitto.conf", spoilt);
        kill();
        start();
    }
    // Its probe `foreign` is then one of an authority that this broker believes.
    void trust_another_authority() {
        run("ca init --dir other");
        shell("cp other/collector-receive.crt ca/probes/foreign.crt && cp other/collector-receive.key ca/probes/foreign.key && "
              "cat other/ca.crt >> ca/ca.crt && cat other/crl.pem >> ca/crl.pem");
        kill();
        start();
    }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

    void start() {
        std::string config = (folder_ / "broker/mosquitto.conf").string();
        char name[] = "mosquitto";
        char option[] = "-c";
        char* arguments[] = {name, option, config.data(), nullptr};
        const char* program = ::access("/usr/sbin/mosquitto", X_OK) == 0 ? "/usr/sbin/mosquitto" : "mosquitto";
        const std::string output = (folder_ / "broker.out").string();
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies leaves no broker behind
            const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(out, STDERR_FILENO);
            ::execvp(program, arguments);
            ::_exit(127);
        }
        if (!eventually([this] { return listens(port_); })) std::abort();
    }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

    // With one of the certificates of `ca init`.
    [[nodiscard]] MqttOptions client(const std::string& name) const {
        MqttOptions options;
        options.port = port_;
        options.client_id = name;
        options.ca_file = authority() / "ca.crt";
        options.cert_file = authority() / (name + ".crt");
        options.key_file = authority() / (name + ".key");
        return options;
    }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::filesystem::path authority() const { return folder_ / "ca"; }

private:
    void shell(const std::string& command) {
        const std::string line = "cd '" + folder_.path().string() + "' && (" + command + ") > ctl.log 2>&1";
        if (std::system(line.c_str()) != 0) std::abort();
    }
    std::string text_of_file(const std::string& name) {
        std::ifstream in(folder_ / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    TemporaryFolder folder_;
    const int port_ = free_port();
    pid_t process_ = 0;
};

}  // namespace sallyport::testing
