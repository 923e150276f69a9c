// SPDX-License-Identifier: Apache-2.0
#include "https_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "protocol/json.hpp"

namespace sallyport::testing {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

}  // namespace

Record HttpAnswer::json() const {
    auto record = read_json_record(body, {.bytes_max = 1 << 24, .depth_max = 16, .fields_max = 1 << 20});
    if (!record)
        throw std::runtime_error("no JSON: " + record.error().message() + ": " + body.substr(0, 200));
    return *record;
}

std::string HttpAnswer::header(std::string_view name) const {
    const auto wanted = "\r\n" + lower(name) + ": ";
    const auto at = lower(head).find(wanted);
    if (at == std::string::npos) return {};
    const auto start = at + wanted.size();
    return head.substr(start, head.find("\r\n", start) - start);
}

struct TlsConnection::Handles {
    int socket = -1;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    bool open = false;
};

TlsConnection::TlsConnection(std::uint16_t port, int version_max, const std::string& ciphers, const std::string& groups)
    : handles_(std::make_unique<Handles>()) {
    // OpenSSL writes without MSG_NOSIGNAL, and here the server closes on purpose.
    ::signal(SIGPIPE, SIG_IGN);
    handles_->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(handles_->socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
    handles_->context = SSL_CTX_new(TLS_client_method());
    if (version_max != 0) {
        SSL_CTX_set_min_proto_version(handles_->context, version_max);
        SSL_CTX_set_max_proto_version(handles_->context, version_max);
        SSL_CTX_set_security_level(handles_->context, 0);
    }
    if (!ciphers.empty() && version_max == TLS1_3_VERSION)
        SSL_CTX_set_ciphersuites(handles_->context, ciphers.c_str());
    else if (!ciphers.empty())
        SSL_CTX_set_cipher_list(handles_->context, ciphers.c_str());
    if (!groups.empty()) SSL_CTX_set1_groups_list(handles_->context, groups.c_str());
    handles_->ssl = SSL_new(handles_->context);
    SSL_set_fd(handles_->ssl, handles_->socket);
    handles_->open = SSL_connect(handles_->ssl) == 1;
}

TlsConnection::~TlsConnection() {
    SSL_free(handles_->ssl);
    SSL_CTX_free(handles_->context);
    ::close(handles_->socket);
}

bool TlsConnection::is_open() const {
    return handles_->open;
}

void TlsConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const int sent = SSL_write(handles_->ssl, bytes.data(),
                                   static_cast<int>(std::min<std::size_t>(bytes.size(), 16384)));
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool TlsConnection::read_some(std::chrono::steady_clock::time_point deadline) {
    if (closed_) return false;
    if (SSL_pending(handles_->ssl) == 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd waiting{handles_->socket, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    }
    char buffer[16384];
    const int count = SSL_read(handles_->ssl, buffer, sizeof buffer);
    if (count <= 0) {
        closed_ = SSL_get_error(handles_->ssl, count) != SSL_ERROR_WANT_READ;
        return !closed_;
    }
    received_.append(buffer, static_cast<std::size_t>(count));
    return true;
}

std::string TlsConnection::read_until(std::string_view text, std::chrono::milliseconds within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (received_.find(text) == std::string::npos && read_some(deadline)) {
    }
    const auto at = received_.find(text);
    const auto end = at == std::string::npos ? received_.size() : at + text.size();
    std::string out = received_.substr(0, end);
    received_.erase(0, end);
    return out;
}

bool TlsConnection::is_closed_within(std::chrono::milliseconds within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (read_some(deadline)) {
    }
    return closed_;
}

HttpAnswer TlsConnection::read_answer(std::chrono::milliseconds within) {
    HttpAnswer answer;
    answer.head = read_until("\r\n\r\n", within);
    if (!answer.head.starts_with("HTTP/1.1 ") || !answer.head.ends_with("\r\n\r\n")) return answer;
    answer.status = std::stoi(answer.head.substr(9, 3));
    const auto length = answer.header("Content-Length");
    const auto wanted = length.empty() ? 0 : std::stoul(length);
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (received_.size() < wanted && read_some(deadline)) {
    }
    answer.body = received_.substr(0, wanted);
    received_.erase(0, answer.body.size());
    return answer;
}

std::string HttpsClient::head_of(std::string_view method, std::string_view path) const {
    std::map<std::string, std::string> sent = {{"Host", "127.0.0.1:" + std::to_string(port_)},
                                               {"Cookie", cookie_}};
    if (method != "GET") sent["X-CSRF-Token"] = csrf_token_;
    for (const auto& [name, value] : headers)
        sent[name] = value;
    std::string head = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\n";
    for (const auto& [name, value] : sent)
        if (!value.empty()) head += name + ": " + value + "\r\n";
    return head;
}

HttpAnswer HttpsClient::request(std::string_view method, std::string_view path, const Record* body) {
    std::string message = head_of(method, path);
    const std::string text = body == nullptr ? "" : write_json(*body);
    if (body != nullptr) message += "Content-Type: application/json\r\n";
    if (method != "GET") message += "Content-Length: " + std::to_string(text.size()) + "\r\n";
    TlsConnection connection(port_);
    connection.send(message + "Connection: close\r\n\r\n" + text);
    return connection.read_answer();
}

HttpAnswer HttpsClient::log_in(std::string_view name, std::string_view password) {
    auto answer = post("/api/v1/session", {{"name", name}, {"password", password}});
    if (answer.status == 201) {
        const auto cookie = answer.header("Set-Cookie");
        set_session(cookie.substr(0, cookie.find(';')), std::string(text_of(answer.json(), "csrf_token")));
    }
    return answer;
}

std::unique_ptr<TlsConnection> HttpsClient::open_stream(std::string_view last_event_id) {
    auto connection = std::make_unique<TlsConnection>(port_);
    std::string message = head_of("GET", "/api/v1/stream");
    if (!last_event_id.empty()) message += "Last-Event-ID: " + std::string(last_event_id) + "\r\n";
    connection->send(message + "\r\n");
    return connection;
}

void HttpsClient::set_session(std::string cookie, std::string csrf_token) {
    cookie_ = std::move(cookie);
    csrf_token_ = std::move(csrf_token);
}

}  // namespace sallyport::testing
