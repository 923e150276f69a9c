// SPDX-License-Identifier: Apache-2.0
//
// The adapter for Boost.Beast and Boost.Asio, with beast_messages.hpp beside it. One thread runs the sockets, one coroutine a
// connection; handlers run on the workers, because they wait for the store.
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <map>
#include <set>
#include <thread>

#include "collector/api/beast_messages.hpp"
#include "collector/api/router.hpp"
#include "collector/api/server.hpp"

namespace sallyport::api {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = net::ssl;
using tcp = net::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kWorkers = 4;

// What is still read of a request that was refused.
constexpr std::chrono::milliseconds kDrainWithin{1000};
constexpr std::size_t kDrainBytes = 16 * 1024;
constexpr std::size_t kDrainBytesMax = 1024 * 1024;

// One client. Lives as long as its coroutine or its pending read.
struct Connection {
    Connection(tcp::socket socket, std::string address, ssl::context& tls)
        : stream(std::move(socket), tls), source_ip(std::move(address)), alarm(stream.get_executor()) {}

    void wake() {
        woken = true;
        alarm.cancel();
    }
    beast::tcp_stream& socket() { return beast::get_lowest_layer(stream); }

    beast::ssl_stream<beast::tcp_stream> stream;
    beast::flat_buffer buffer;
    std::string source_ip;
    // Of live streams: cancelled to wake the coroutine.
    net::steady_timer alarm;
    bool woken = false;
    bool gone = false;
};
using ConnectionPtr = std::shared_ptr<Connection>;

class BeastServer final : public Server {
public:
    BeastServer(ServerOptions options, Services services, StaticFiles files, std::set<std::string> hosts,
                ssl::context tls)
        : options_(std::move(options)),
          live_(services.live),
          router_(std::move(services), std::move(files), std::move(hosts)),
          tls_(std::move(tls)) {}

    ~BeastServer() override { BeastServer::stop(); }

    void run(tcp::acceptor::endpoint_type endpoint) {
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(net::socket_base::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen();
        port_ = acceptor_.local_endpoint().port();
        router_.serve_as(port_);
        live_.listen([this] { net::post(io_, [this] { wake_streams(); }); });
        net::co_spawn(io_, accept(), net::detached);
        net::co_spawn(io_, look_around(), net::detached);
        thread_ = std::thread([this] { io_.run(); });
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }

    void stop() override {
        live_.listen({});
        io_.stop();
        if (thread_.joinable()) thread_.join();
        workers_.join();
        streams_.clear();  // no connection may outlive the io_context
    }

private:
    net::awaitable<void> accept() {
        for (;;) {
            error_code error;
            tcp::socket socket =
                co_await acceptor_.async_accept(net::redirect_error(net::use_awaitable, error));
            if (error) {  // out of descriptors, say: wait for some to come back
                net::steady_timer pause(io_, std::chrono::milliseconds(100));
                co_await pause.async_wait(net::redirect_error(net::use_awaitable, error));
                continue;
            }
            const auto address = socket.remote_endpoint(error).address().to_string();
            if (connections_ < options_.connections_max && !is_crowded(address))
                net::co_spawn(io_, serve(std::make_shared<Connection>(std::move(socket), address, tls_)),
                              net::detached);
        }
    }

    // Runs on a worker; the coroutine goes on in its own thread with what came out. A library that throws
    // there is a failure of this one request.
    template <class Function>
    auto on_worker(Function function) -> net::awaitable<decltype(function())> {
        std::optional<decltype(function())> outcome;
        co_await net::co_spawn(
            workers_,
            [&]() -> net::awaitable<void> {
                try {
                    outcome.emplace(function());
                } catch (const std::exception& failure) {
                    outcome.emplace(failed<decltype(function())>(failure.what()));
                }
                co_return;
            },
            net::use_awaitable);
        co_return std::move(*outcome);
    }

    template <class Outcome>
    static Outcome failed(const char* why) {
        const Error error(Errc::internal, why);
        if constexpr (std::is_same_v<Outcome, Response>)
            return error_response(error);
        else
            return error;
    }

    net::awaitable<void> serve(ConnectionPtr client) {
        const Count count(connections_);
        const AddressCount of_address(connections_of_, client->source_ip);
        error_code error;
        client->socket().expires_after(options_.request_within);
        co_await client->stream.async_handshake(ssl::stream_base::server,
                                                net::redirect_error(net::use_awaitable, error));
        while (!error && co_await answer_one(client)) {
        }
        if (error || client->gone) co_return;
        client->socket().expires_after(options_.request_within);
        co_await client->stream.async_shutdown(net::redirect_error(net::use_awaitable, error));
    }

    // False when the connection is to be closed.
    net::awaitable<bool> answer_one(ConnectionPtr client) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
        parser.body_limit(options_.body_bytes_max);
        client->socket().expires_after(options_.request_within);
        error_code error;
        co_await http::async_read(client->stream, client->buffer, parser,
                                  net::redirect_error(net::use_awaitable, error));
        if (error) {
            if (auto answer = answer_to(error)) co_await refuse(client, std::move(*answer));
            co_return false;
        }
        const auto& message = parser.get();
        auto request = convert(message, client->source_ip);
        if (!request) {
            co_await refuse(client, error_response(request.error()));
            co_return false;
        }
        auto answer = co_await on_worker([&] { return router_.handle(*request); });
        if (!answer.fault.empty())
            spdlog::error("api: {} {}: {}", request->method, request->path, answer.fault);
        if (answer.is_event_stream) {
            co_await stream(client, *request, answer.stream_owner);
            co_return false;
        }
        const bool head = message.method() == http::verb::head;
        co_return co_await send(client,
                                convert(std::move(answer), message.version(), message.keep_alive(), head));
    }

    net::awaitable<bool> send(ConnectionPtr client, http::response<http::string_body> response) {
        client->socket().expires_after(options_.response_within);
        error_code error;
        co_await http::async_write(client->stream, response, net::redirect_error(net::use_awaitable, error));
        co_return !error && response.keep_alive();
    }

    // Answers a broken request, then reads on for a little: a close with unread bytes would reset the
    // connection, and the client would never see the answer.
    net::awaitable<void> refuse(ConnectionPtr client, Response answer) {
        co_await send(client, convert(std::move(answer), 11, false, false));
        error_code error;
        std::size_t drained = 0;
        client->socket().expires_after(
            std::min<std::chrono::milliseconds>(options_.request_within, kDrainWithin));
        while (!error && drained < kDrainBytesMax) {
            client->buffer.clear();
            drained += co_await client->stream.async_read_some(
                client->buffer.prepare(kDrainBytes), net::redirect_error(net::use_awaitable, error));
        }
    }

    net::awaitable<bool> send_text(ConnectionPtr client, std::string text) {
        client->socket().expires_after(options_.response_within);
        error_code error;
        co_await net::async_write(client->stream, net::buffer(text),
                                  net::redirect_error(net::use_awaitable, error));
        co_return !error;
    }

    // A client of a live stream says nothing more; what comes is its end.
    static void watch_for_end(ConnectionPtr client) {
        client->socket().expires_never();
        client->buffer.clear();
        client->stream.async_read_some(client->buffer.prepare(64), [client](const error_code&, std::size_t) {
            client->gone = true;
            client->wake();
        });
    }

    net::awaitable<void> stream(ConnectionPtr client, const Request& request, const std::string& owner) {
        const Count count(streams_of_[owner]);
        if (streams_of_[owner] > options_.streams_per_account_max) {
            co_await send(client, convert(error_response(429, "too_many_streams",
                                                         "This account has too many consoles open."),
                                          11, false, false));
            co_return;
        }
        auto live = co_await on_worker([&] { return router_.open_stream(request); });
        if (!live) {
            co_await send(client, convert(error_response(live.error()), 11, false, false));
            co_return;
        }
        watch_for_end(client);
        streams_.insert(client);
        if (co_await send_text(client, stream_header())) co_await feed(client, request, *live);
        streams_.erase(client);
        client->gone = true;
        client->socket().close();
    }

    net::awaitable<void> feed(ConnectionPtr client, const Request& request, EventStream& live) {
        while (!client->gone) {
            client->woken = false;
            auto step = co_await on_worker([&] { return router_.next(live, request); });
            if (!step) {
                spdlog::error("api: {}", step.error().message());
                co_return;
            }
            if (!step->text.empty() && !co_await send_text(client, std::move(step->text))) co_return;
            if (step->ended) co_return;
            if (client->woken) continue;
            error_code cancelled;
            client->alarm.expires_after(options_.heartbeat_every);
            co_await client->alarm.async_wait(net::redirect_error(net::use_awaitable, cancelled));
            if (!cancelled && !co_await send_text(client, ": heartbeat\n\n")) co_return;
        }
    }

    // Finds what nobody announced: writes of other programs, signs of life.
    net::awaitable<void> look_around() {
        for (;;) {
            auto changed = co_await on_worker([this] { return router_.look_for_changes(); });
            if (!changed)
                spdlog::error("api: {}, ignoring", changed.error().message());
            else if (*changed)
                wake_streams();
            net::steady_timer pause(io_, options_.look_every);
            error_code error;
            co_await pause.async_wait(net::redirect_error(net::use_awaitable, error));
        }
    }

    void wake_streams() {
        for (const auto& client : streams_)
            client->wake();
    }

    [[nodiscard]] bool is_crowded(const std::string& address) const {
        const auto open = connections_of_.find(address);
        return open != connections_of_.end() && open->second >= options_.connections_per_address_max;
    }

    // Forgets an address without connections.
    struct AddressCount {
        AddressCount(std::map<std::string, std::size_t>& counts, const std::string& address)
            : all(counts), at(counts.try_emplace(address, 0).first) {
            ++at->second;
        }
        ~AddressCount() {
            if (--at->second == 0) all.erase(at);
        }
        AddressCount(const AddressCount&) = delete;
        AddressCount& operator=(const AddressCount&) = delete;
        std::map<std::string, std::size_t>& all;
        std::map<std::string, std::size_t>::iterator at;
    };

    struct Count {
        explicit Count(std::size_t& counted) : value(counted) { ++value; }
        ~Count() { --value; }
        Count(const Count&) = delete;
        Count& operator=(const Count&) = delete;
        std::size_t& value;
    };

    ServerOptions options_;
    LiveFeed& live_;
    Router router_;
    ssl::context tls_;
    // The sockets' thread only.
    std::size_t connections_ = 0;
    std::map<std::string, std::size_t> connections_of_;  // address -> open connections
    std::map<std::string, std::size_t> streams_of_;  // account -> open streams
    std::set<ConnectionPtr> streams_;
    std::uint16_t port_ = 0;
    std::thread thread_;
    // Last, so that the coroutines in them die first.
    net::thread_pool workers_{kWorkers};
    net::io_context io_{1};
    tcp::acceptor acceptor_{io_};
};

Result<ssl::context> make_tls(const ServerOptions& options) {
    ssl::context tls(ssl::context::tls_server);
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression);
    SSL_CTX_set_options(tls.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // AES-GCM and NIST's curves alone (CSP SC-13), under 1.2 as under 1.3.
    if (SSL_CTX_set_cipher_list(tls.native_handle(), "ECDHE+AESGCM") != 1 ||
        SSL_CTX_set_ciphersuites(tls.native_handle(), "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_set1_groups_list(tls.native_handle(), "P-256:P-384:P-521") != 1)
        return Error(Errc::internal, "api: this OpenSSL has no approved cipher suite or curve");
    error_code error;
    tls.use_certificate_chain_file(options.certificate.string(), error);
    if (error)
        return Error(Errc::io, "api: certificate '" + options.certificate.string() + "': " + error.message());
    tls.use_private_key_file(options.key.string(), ssl::context::pem, error);
    if (error) return Error(Errc::io, "api: key '" + options.key.string() + "': " + error.message());
    return tls;
}

std::set<std::string> host_names(const ServerOptions& options) {
    std::set<std::string> names(options.host_names.begin(), options.host_names.end());
    names.insert(
        {"localhost", "127.0.0.1",
         options.address.find(':') == std::string::npos ? options.address : "[" + options.address + "]"});
    return names;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Services services) {
    try {
        auto files = StaticFiles::load(options.console);
        if (!files) return files.error().within("api");
        auto tls = make_tls(options);
        if (!tls) return tls.error();
        error_code error;
        const auto address = net::ip::make_address(options.address, error);
        if (error)
            return Error(Errc::bad_input, "api: address '" + options.address + "': " + error.message());
        const tcp::endpoint endpoint(address, options.port);
        auto hosts = host_names(options);
        auto server = std::make_unique<BeastServer>(std::move(options), std::move(services),
                                                    std::move(*files), std::move(hosts), std::move(*tls));
        server->run(endpoint);
        return std::unique_ptr<Server>(std::move(server));
    } catch (const std::exception& failure) {
        return Error(Errc::unavailable, std::string("api: cannot listen: ") + failure.what());
    }
}

}  // namespace sallyport::api
