// SPDX-License-Identifier: Apache-2.0
//
// The adapter for Boost.Beast on the asking side. One coroutine, run to its end by the caller's thread.
#include <openssl/ssl.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "collector/watch/https_client.hpp"

namespace sallyport::watch {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = net::ssl;
using tcp = net::ip::tcp;
using boost::system::error_code;

Error no_answer(const char* step, const error_code& error) {
    const auto why = error == beast::error::timeout ? std::string("no answer in time") : error.message();
    return Error(Errc::unavailable, std::string(step) + ": " + why);
}

net::awaitable<Result<HttpsAnswer>> ask(ssl::context& tls, const HttpsTarget& target, std::string path) {
    const auto executor = co_await net::this_coro::executor;
    error_code error;
    const auto wait = [&error] { return net::redirect_error(net::use_awaitable, error); };
    tcp::resolver resolver(executor);
    const auto found = co_await resolver.async_resolve(target.host, std::to_string(target.port), wait());
    if (error) co_return no_answer("look up", error);
    beast::ssl_stream<beast::tcp_stream> stream(executor, tls);
    auto& socket = beast::get_lowest_layer(stream);
    socket.expires_after(target.within);  // for all that follows
    co_await socket.async_connect(found, wait());
    if (error) co_return no_answer("connect", error);
    SSL_set_tlsext_host_name(stream.native_handle(), target.host.c_str());
    stream.set_verify_callback(ssl::host_name_verification(target.host));
    co_await stream.async_handshake(ssl::stream_base::client, wait());
    if (error && SSL_get_verify_result(stream.native_handle()) != X509_V_OK)
        co_return Error(Errc::refused,
                        "its certificate is not the collector's: " +
                            std::string(X509_verify_cert_error_string(SSL_get_verify_result(stream.native_handle()))));
    if (error) co_return no_answer("TLS", error);
    http::request<http::empty_body> request(http::verb::get, path, 11);
    request.set(http::field::host, target.port == 443 ? target.host : target.host + ":" + std::to_string(target.port));
    request.set(http::field::connection, "close");
    co_await http::async_write(stream, request, wait());
    if (error) co_return no_answer("ask", error);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(target.body_bytes_max);
    co_await http::async_read(stream, buffer, parser, wait());
    if (error) co_return no_answer("answer", error);
    co_return HttpsAnswer{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

}  // namespace

Result<HttpsAnswer> https_get(const HttpsTarget& target, std::string_view path) {
    ssl::context tls(ssl::context::tlsv13_client);
    tls.set_verify_mode(ssl::verify_peer);
    error_code error;
    tls.load_verify_file(target.ca.string(), error);
    if (error) return Error(Errc::io, "CA " + target.ca.string() + ": " + error.message());
    net::io_context io(1);
    Result<HttpsAnswer> outcome = Error(Errc::unavailable, "no answer in time");
    net::co_spawn(
        io, [&]() -> net::awaitable<void> { outcome = co_await ask(tls, target, std::string(path)); }, net::detached);
    io.run_for(target.within + std::chrono::seconds(5));  // a name server that is silent has no limit of its own
    return outcome;
}

}  // namespace sallyport::watch
