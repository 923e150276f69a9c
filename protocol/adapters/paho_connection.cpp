// SPDX-License-Identifier: Apache-2.0
//
// MqttConnection over Paho C's asynchronous library (docs/decisions/0007-paho-c.md says why not Paho C++).
//
// Paho has one receiving thread per process and calls back with its own mutex held, so nothing is done in there but
// putting what happened into a queue. A thread of the connection takes it out and calls the handlers: they may take
// their time, and `delivered` never comes before publish() has returned the token it speaks of.
//
// Locks: `publishing_` before Paho's own mutex, never inside a Paho callback; `gate_` is held for the queue only.
#include <MQTTAsync.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport {
namespace {

// Paho's default of 100 counts connected or not, and is smaller than one window of batches.
constexpr int kBufferedMax = 1000;
// A window that fills up is looked at again once a second only: the bound is the one above, never this one.
constexpr int kInflightMax = kBufferedMax;
constexpr int kConnectTimeoutSeconds = 10;
// What the broker may send before it must wait for our PUBACKs; they stop when the queue below is full.
constexpr unsigned kReceiveMaximum = 1000;
constexpr std::size_t kQueuedMessagesMax = 4000;
constexpr std::uint32_t kSessionExpirySeconds = 7 * 24 * 3600;
constexpr int kReasonFailure = 0x80;  // MQTT 5 section 2.4: reason codes from here on are failures

// No suite that TLS 1.2 could agree on without a pre-shared key, which we do not have: only TLS 1.3 is left. Paho
// has no option to say so.
constexpr const char* kNothingBelowTls13 = "PSK-AES256-GCM-SHA384";

struct Happening {
    enum class Kind { connected, lost, received, delivered, subscribed };
    Kind kind;
    std::string why;
    MqttMessage message;
    int paho_token = 0;
    bool accepted = true;
};

class PahoConnection final : public MqttConnection {
public:
    PahoConnection(MqttOptions options, MqttHandlers handlers)
        : options_(std::move(options)), handlers_(std::move(handlers)) {}
    ~PahoConnection() override;
    PahoConnection(const PahoConnection&) = delete;
    PahoConnection& operator=(const PahoConnection&) = delete;

    Result<void> open();
    Result<void> connect(std::vector<std::string> topic_filters, std::optional<MqttMessage> will) override;
    Result<std::uint64_t> publish(const MqttMessage& message) override;
    void disconnect(std::chrono::milliseconds patience) override;

private:
    // Lets the destructor wait until no Paho thread is in here any more.
    class Visit {
    public:
        explicit Visit(PahoConnection& connection) : visits_(connection.visits_) { ++visits_; }
        ~Visit() { --visits_; }
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;

    private:
        std::atomic<int>& visits_;
    };
    static PahoConnection& self(void* context) { return *static_cast<PahoConnection*>(context); }

    static void on_connected(void* context, MQTTAsync_successData5* data);
    static void on_connect_failed(void* context, MQTTAsync_failureData5* data);
    static void on_subscribed(void* context, MQTTAsync_successData5* data);
    static void on_subscribe_failed(void* context, MQTTAsync_failureData5* data);
    static void on_lost(void* context, char* cause);
    static void on_server_disconnect(void* context, MQTTProperties* properties, enum MQTTReasonCodes reason);
    static int on_message(void* context, char* topic, int topic_length, MQTTAsync_message* message);
    static void on_delivered(void* context, MQTTAsync_successData5* data);
    static void on_delivery_failed(void* context, MQTTAsync_failureData5* data);
    static void on_disconnected(void* context, MQTTAsync_successData5* data);
    static void on_disconnect_failed(void* context, MQTTAsync_failureData5* data);
    static int on_tls_error(const char* text, std::size_t length, void* context);

    void push(Happening happening);
    void push_lost(std::string why);
    void subscribe();
    void dispatch(const std::stop_token& stop);
    void handle(Happening& happening);
    void finish_disconnect();
    [[nodiscard]] std::string peer() const { return "mqtt: " + options_.host + ":" + std::to_string(options_.port); }
    [[nodiscard]] std::string sentence(const MQTTAsync_failureData5* data, const char* what);

    const MqttOptions options_;
    const MqttHandlers handlers_;
    MQTTAsync client_ = nullptr;
    std::vector<std::string> topic_filters_;
    // An attempt or a connection is under way that has not been told as lost yet.
    std::atomic<bool> alive_{false};
    // Set before `connected` is told, cleared as soon as Paho knows better.
    std::atomic<bool> ready_{false};
    std::atomic<bool> closing_{false};
    std::atomic<int> visits_{0};

    std::mutex publishing_;
    std::uint64_t last_token_ = 0;
    std::map<int, std::uint64_t> tokens_;  // Paho's 16-bit number -> ours

    std::mutex gate_;
    std::condition_variable_any changed_;
    std::deque<Happening> happenings_;
    std::string tls_reason_;
    bool disconnected_ = true;
    std::jthread dispatcher_;
};

Result<void> PahoConnection::open() {
    for (const auto& file : {options_.ca_file, options_.cert_file, options_.key_file}) {
        if (!file.empty() && !std::ifstream(file))  // without a certificate: connect() says when
            return Error(Errc::not_found, peer() + ": " + file.string() + " cannot be read");
    }
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    create.sendWhileDisconnected = 0;
    create.maxBufferedMessages = kBufferedMax;
    create.restoreMessages = 0;
    create.persistQoS0 = 0;
    const std::string uri = "ssl://" + options_.host + ":" + std::to_string(options_.port);
    if (const int code = MQTTAsync_createWithOptions(&client_, uri.c_str(), options_.client_id.c_str(),
                                                     MQTTCLIENT_PERSISTENCE_NONE, nullptr, &create);
        code != MQTTASYNC_SUCCESS)
        return Error(Errc::bad_input, peer() + ": " + MQTTAsync_strerror(code));
    MQTTAsync_setCallbacks(client_, this, on_lost, on_message, nullptr);
    MQTTAsync_setDisconnected(client_, this, on_server_disconnect);
    dispatcher_ = std::jthread([this](const std::stop_token& stop) { dispatch(stop); });
    return {};
}

PahoConnection::~PahoConnection() {
    disconnect(std::chrono::milliseconds(500));
    closing_ = true;
    changed_.notify_all();
    if (client_ != nullptr)
        MQTTAsync_destroy(&client_);
    while (visits_ != 0)
        std::this_thread::yield();
}

Result<void> PahoConnection::connect(std::vector<std::string> topic_filters, std::optional<MqttMessage> will) {
    topic_filters_ = std::move(topic_filters);
    {
        const std::lock_guard lock(gate_);
        tls_reason_.clear();
        disconnected_ = false;
    }
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    const std::string ca = options_.ca_file.string();
    const std::string certificate = options_.cert_file.string();
    const std::string key = options_.key_file.string();
    tls.trustStore = ca.c_str();
    // Without a certificate of one's own a broker of ours lets nobody in; that is tried (collector/intake/broker_check).
    tls.keyStore = certificate.empty() ? nullptr : certificate.c_str();
    tls.privateKey = key.empty() ? nullptr : key.c_str();
    tls.enabledCipherSuites = kNothingBelowTls13;
    tls.enableServerCertAuth = 1;
    tls.verify = 1;
    tls.disableDefaultTrustStore = 1;
    tls.ssl_error_cb = on_tls_error;
    tls.ssl_error_context = this;

    MQTTAsync_willOptions last_will = MQTTAsync_willOptions_initializer;
    MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer5;
    connect.keepAliveInterval = static_cast<int>(options_.keep_alive.count());
    connect.connectTimeout = kConnectTimeoutSeconds;
    connect.maxInflight = kInflightMax;
    connect.automaticReconnect = 0;
    connect.cleanstart = options_.persistent_session ? 0 : 1;
    connect.ssl = &tls;
    connect.context = this;
    connect.onSuccess5 = on_connected;
    connect.onFailure5 = on_connect_failed;
    if (will) {
        last_will.topicName = will->topic.c_str();
        last_will.payload.data = will->payload.data();
        last_will.payload.len = static_cast<int>(will->payload.size());
        last_will.qos = will->qos;
        last_will.retained = will->retained ? 1 : 0;
        connect.will = &last_will;
    }
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty property{};
    property.identifier = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM;
    property.value.integer2 = kReceiveMaximum;
    MQTTProperties_add(&properties, &property);
    if (options_.persistent_session) {
        property.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL;
        property.value.integer4 = kSessionExpirySeconds;
        MQTTProperties_add(&properties, &property);
    }
    connect.connectProperties = &properties;

    alive_ = true;
    const int code = MQTTAsync_connect(client_, &connect);
    MQTTProperties_free(&properties);
    if (code != MQTTASYNC_SUCCESS) {
        alive_ = false;
        finish_disconnect();
        return Error(Errc::unavailable, peer() + ": connect: " + MQTTAsync_strerror(code));
    }
    return {};
}

Result<std::uint64_t> PahoConnection::publish(const MqttMessage& message) {
    const std::lock_guard lock(publishing_);
    if (!ready_)
        return Error(Errc::unavailable, peer() + ": not connected");
    MQTTAsync_message out = MQTTAsync_message_initializer;
    out.payload = const_cast<char*>(message.payload.data());  // Paho copies it
    out.payloadlen = static_cast<int>(message.payload.size());
    out.qos = message.qos;
    out.retained = message.retained ? 1 : 0;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.context = this;
    if (message.qos > 0) {
        response.onSuccess5 = on_delivered;
        response.onFailure5 = on_delivery_failed;
    }
    switch (const int code = MQTTAsync_sendMessage(client_, message.topic.c_str(), &out, &response); code) {
        case MQTTASYNC_SUCCESS: break;
        case MQTTASYNC_MAX_BUFFERED_MESSAGES:
        case MQTTASYNC_NO_MORE_MSGIDS:
            return Error(Errc::exhausted, peer() + ": " + std::to_string(kBufferedMax) + " messages are waiting");
        default: return Error(Errc::unavailable, peer() + ": publish: " + MQTTAsync_strerror(code));
    }
    ++last_token_;
    if (message.qos > 0)
        tokens_[response.token] = last_token_;
    return last_token_;
}

void PahoConnection::disconnect(std::chrono::milliseconds patience) {
    if (client_ == nullptr || !alive_.exchange(false))
        return;
    ready_ = false;
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.timeout = static_cast<int>(patience.count());
    options.context = this;
    options.onSuccess5 = on_disconnected;
    options.onFailure5 = on_disconnect_failed;
    if (MQTTAsync_disconnect(client_, &options) != MQTTASYNC_SUCCESS)
        return finish_disconnect();
    std::unique_lock lock(gate_);
    changed_.wait_for(lock, patience, [this] { return disconnected_; });
}

void PahoConnection::finish_disconnect() {
    const std::lock_guard lock(gate_);
    disconnected_ = true;
    changed_.notify_all();
}

void PahoConnection::on_connected(void* context, MQTTAsync_successData5*) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    if (connection.topic_filters_.empty())
        connection.push({.kind = Happening::Kind::connected, .why = {}, .message = {}});
    else
        connection.push({.kind = Happening::Kind::subscribed, .why = {}, .message = {}});
}

void PahoConnection::on_connect_failed(void* context, MQTTAsync_failureData5* data) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    connection.push_lost(connection.sentence(data, "connect"));
}

// Called by the dispatcher when the connection stands.
void PahoConnection::subscribe() {
    std::vector<char*> filters;
    for (std::string& filter : topic_filters_)
        filters.push_back(filter.data());
    std::vector<int> levels(filters.size(), 1);
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    std::vector<MQTTSubscribe_options> each(filters.size(), MQTTSubscribe_options MQTTSubscribe_options_initializer);
    response.context = this;
    response.onSuccess5 = on_subscribed;
    response.onFailure5 = on_subscribe_failed;
    response.subscribeOptionsList = each.data();
    response.subscribeOptionsCount = static_cast<int>(each.size());
    const int code = MQTTAsync_subscribeMany(client_, static_cast<int>(filters.size()), filters.data(), levels.data(),
                                             &response);
    if (code != MQTTASYNC_SUCCESS)
        push_lost(peer() + ": subscribe: " + MQTTAsync_strerror(code));
}

void PahoConnection::on_subscribed(void* context, MQTTAsync_successData5* data) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    const int count = data->alt.sub.reasonCodeCount;
    for (int i = 0; i < count; ++i) {
        // One filter alone: Paho gives its code in reasonCode and leaves the array's pointer uninitialised.
        const int reason = count > 1 ? data->alt.sub.reasonCodes[i] : data->reasonCode;
        if (reason >= kReasonFailure)
            return connection.push_lost(connection.peer() + ": subscription to " +
                                        connection.topic_filters_[static_cast<std::size_t>(i)] + " refused: " +
                                        MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(reason)));
    }
    connection.push({.kind = Happening::Kind::connected, .why = {}, .message = {}});
}

void PahoConnection::on_subscribe_failed(void* context, MQTTAsync_failureData5* data) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    connection.push_lost(connection.sentence(data, "subscribe"));
}

void PahoConnection::on_lost(void* context, char* cause) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    connection.push_lost(connection.peer() + ": connection lost" + (cause != nullptr ? std::string(": ") + cause : ""));
}

void PahoConnection::on_server_disconnect(void* context, MQTTProperties*, enum MQTTReasonCodes reason) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    connection.push_lost(connection.peer() + ": closed by the broker: " + MQTTReasonCode_toString(reason));
}

int PahoConnection::on_message(void* context, char* topic, int topic_length, MQTTAsync_message* message) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    MqttMessage received;
    received.topic = topic_length > 0 ? std::string(topic, static_cast<std::size_t>(topic_length)) : std::string(topic);
    received.payload.assign(static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen));
    received.qos = message->qos;
    received.retained = message->retained != 0;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    {
        // Paho's mutex is free here, and no PUBACK goes out before we return: the broker waits with us.
        std::unique_lock lock(connection.gate_);
        connection.changed_.wait(lock, [&] {
            return connection.happenings_.size() < kQueuedMessagesMax || connection.closing_;
        });
    }
    connection.push({.kind = Happening::Kind::received, .why = {}, .message = std::move(received)});
    return 1;  // 1.3.12 sends the PUBACK whatever is returned
}

void PahoConnection::on_delivered(void* context, MQTTAsync_successData5* data) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    connection.push({.kind = Happening::Kind::delivered,
                     .why = {},
                     .message = {},
                     .paho_token = data->token,
                     .accepted = data->reasonCode < kReasonFailure});
}

void PahoConnection::on_delivery_failed(void* context, MQTTAsync_failureData5* data) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    // Without a reason code the connection went away first: that is told as lost, once, not for each message.
    if (data->reasonCode >= kReasonFailure)
        connection.push({.kind = Happening::Kind::delivered,
                         .why = {},
                         .message = {},
                         .paho_token = data->token,
                         .accepted = false});
}

void PahoConnection::on_disconnected(void* context, MQTTAsync_successData5*) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    connection.finish_disconnect();
}

void PahoConnection::on_disconnect_failed(void* context, MQTTAsync_failureData5*) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    connection.finish_disconnect();
}

int PahoConnection::on_tls_error(const char* text, std::size_t length, void* context) {
    PahoConnection& connection = self(context);
    const Visit visit(connection);
    const std::lock_guard lock(connection.gate_);
    std::string reason(text, length);
    while (!reason.empty() && (reason.back() == '\n' || reason.back() == '\0'))
        reason.pop_back();
    if (connection.tls_reason_.empty())
        connection.tls_reason_ = reason;
    return 1;
}

std::string PahoConnection::sentence(const MQTTAsync_failureData5* data, const char* what) {
    std::string text = peer() + ": " + what + ": ";
    if (data != nullptr && data->reasonCode >= kReasonFailure)
        text += MQTTReasonCode_toString(data->reasonCode);
    else if (data != nullptr && data->message != nullptr)
        text += data->message;
    else
        text += data != nullptr && data->code != 0 ? MQTTAsync_strerror(data->code) : "the connection was closed";
    const std::lock_guard lock(gate_);
    if (!tls_reason_.empty())
        text += " (" + tls_reason_ + ")";
    return text;
}

void PahoConnection::push(Happening happening) {
    const std::lock_guard lock(gate_);
    happenings_.push_back(std::move(happening));
    changed_.notify_all();
}

// Paho tells one end in up to three ways; it is passed on once.
void PahoConnection::push_lost(std::string why) {
    ready_ = false;
    if (!alive_.exchange(false))
        return;
    finish_disconnect();
    push({.kind = Happening::Kind::lost, .why = std::move(why), .message = {}});
}

void PahoConnection::dispatch(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(gate_);
        changed_.wait(lock, stop, [this] { return !happenings_.empty(); });
        if (stop.stop_requested())
            return;
        Happening happening = std::move(happenings_.front());
        happenings_.pop_front();
        lock.unlock();
        changed_.notify_all();
        handle(happening);
    }
}

void PahoConnection::handle(Happening& happening) {
    switch (happening.kind) {
        case Happening::Kind::subscribed: return subscribe();
        case Happening::Kind::connected:
            ready_ = alive_.load();
            if (ready_ && handlers_.connected)
                handlers_.connected();
            return;
        case Happening::Kind::lost: {
            {
                const std::lock_guard lock(publishing_);
                tokens_.clear();
            }
            // A broker that refused a subscription still holds the connection.
            if (MQTTAsync_isConnected(client_) != 0) {
                MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
                MQTTAsync_disconnect(client_, &options);
            }
            if (handlers_.lost)
                handlers_.lost(happening.why);
            return;
        }
        case Happening::Kind::received:
            if (handlers_.received)
                handlers_.received(std::move(happening.message));
            return;
        case Happening::Kind::delivered: {
            std::uint64_t token = 0;
            {
                const std::lock_guard lock(publishing_);
                const auto known = tokens_.find(happening.paho_token);
                if (known == tokens_.end())
                    return;
                token = known->second;
                tokens_.erase(known);
            }
            if (handlers_.delivered)
                handlers_.delivered(token, happening.accepted);
            return;
        }
    }
}

}  // namespace

Result<std::unique_ptr<MqttConnection>> MqttConnection::create(MqttOptions options, MqttHandlers handlers) {
    auto connection = std::make_unique<PahoConnection>(std::move(options), std::move(handlers));
    if (auto opened = connection->open(); !opened)
        return opened.error();
    return std::unique_ptr<MqttConnection>(std::move(connection));
}

}  // namespace sallyport
