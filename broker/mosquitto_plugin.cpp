// SPDX-License-Identifier: Apache-2.0
//
// The guard as a plugin of mosquitto 2.0 (interface 5): the only file that includes its headers. Loaded by the line
// `plugin` of the configuration that `sallyportctl broker config` writes. Everything here runs on the broker's one thread.
//
// Nobody outside needs a right to signal the broker: it sees by itself that its access list or the list of revoked
// certificates was replaced, and tells itself to read them (SIGHUP), so that new sessions are refused as well.
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <openssl/x509.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string_view>

#include "broker/session_guard.hpp"

namespace sallyport::broker {
namespace {

// The broker's loop turns at least ten times a second.
constexpr std::chrono::milliseconds kLookEvery{250};

struct Guard {
    SessionGuard sessions;
    mosquitto_plugin_id_t* plugin = nullptr;
    std::chrono::steady_clock::time_point next_look{};
};

WallTime wall_clock_now() { return std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now()); }

// What the other checks say counts, unless the certificate is no longer good.
int on_access(int, void* event, void* context) {
    auto* guard = static_cast<Guard*>(context);
    auto* check = static_cast<mosquitto_evt_acl_check*>(event);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        static_cast<X509*>(mosquitto_client_certificate(check->client)), X509_free);
    const char* client = mosquitto_client_id(check->client);
    if (client == nullptr)
        return MOSQ_ERR_ACL_DENIED;
    const bool admitted = certificate ? guard->sessions.admits(client, describe_certificate(certificate.get()), wall_clock_now())
                                      : guard->sessions.admits_last_will(client, wall_clock_now());
    return admitted ? MOSQ_ERR_PLUGIN_DEFER : MOSQ_ERR_ACL_DENIED;
}

int on_disconnect(int, void* event, void* context) {
    if (const char* client = mosquitto_client_id(static_cast<mosquitto_evt_disconnect*>(event)->client))
        static_cast<Guard*>(context)->sessions.ended(client);
    return MOSQ_ERR_SUCCESS;
}

// Sessions are ended here and nowhere else: in a check the broker is still busy with the one it asks about.
int on_tick(int, void*, void* context) {
    auto* guard = static_cast<Guard*>(context);
    if (std::chrono::steady_clock::now() < guard->next_look)
        return MOSQ_ERR_SUCCESS;
    guard->next_look = std::chrono::steady_clock::now() + kLookEvery;
    auto changed = guard->sessions.look();
    if (!changed)
        mosquitto_log_printf(MOSQ_LOG_ERR, "sallyport: %s; the one before stays in force", changed.error().message().c_str());
    else if (*changed)
        std::raise(SIGHUP);
    for (const Ending& ending : guard->sessions.due(wall_clock_now())) {
        mosquitto_log_printf(MOSQ_LOG_NOTICE, "sallyport: the session of %s is ended: %s", ending.client.c_str(),
                             ending.why.c_str());
        // Without its last will: nothing is said in its name any more.
        mosquitto_kick_client_by_clientid(ending.client.c_str(), false);
        guard->sessions.ended(ending.client);
    }
    return MOSQ_ERR_SUCCESS;
}

struct Callback {
    int event;
    MOSQ_FUNC_generic_callback call;
};
constexpr Callback kCallbacks[] = {
    {MOSQ_EVT_ACL_CHECK, on_access}, {MOSQ_EVT_DISCONNECT, on_disconnect}, {MOSQ_EVT_TICK, on_tick}};

std::string_view option(const mosquitto_opt* options, int count, std::string_view name) {
    for (int i = 0; i < count; ++i)
        if (options[i].key == name)
            return options[i].value;
    return {};
}

int start(mosquitto_plugin_id_t* plugin, void** context, const mosquitto_opt* options, int count) {
    auto sessions = SessionGuard::open(option(options, count, "revocations"), option(options, count, "access"));
    if (!sessions) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "sallyport: %s", sessions.error().message().c_str());
        return MOSQ_ERR_INVAL;
    }
    auto guard = std::make_unique<Guard>(Guard{std::move(sessions).value(), plugin, {}});
    for (const auto& [event, callback] : kCallbacks)
        if (const int code = mosquitto_callback_register(plugin, event, callback, nullptr, guard.get()); code != MOSQ_ERR_SUCCESS)
            return code;
    *context = guard.release();
    return MOSQ_ERR_SUCCESS;
}

void stop(void* context) {
    const std::unique_ptr<Guard> guard(static_cast<Guard*>(context));
    if (!guard)
        return;
    for (const auto& [event, callback] : kCallbacks)
        mosquitto_callback_unregister(guard->plugin, event, callback, nullptr);
}

}  // namespace
}  // namespace sallyport::broker

// The names by which mosquitto finds a plugin.
extern "C" {

int mosquitto_plugin_version(int count, const int* versions) {
    for (int i = 0; i < count; ++i)
        if (versions[i] == 5)
            return 5;
    return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t* plugin, void** context, mosquitto_opt* options, int count) {
    return sallyport::broker::start(plugin, context, options, count);
}

int mosquitto_plugin_cleanup(void* context, mosquitto_opt*, int) {
    sallyport::broker::stop(context);
    return MOSQ_ERR_SUCCESS;
}
}
