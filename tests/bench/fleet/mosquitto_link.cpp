// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fleet/mosquitto_link.hpp"

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <mutex>

namespace sallyport::bench {
namespace {

constexpr int kKeepAliveSeconds = 60;
constexpr int kPacketsAtOnce = 50;

}  // namespace

class MosquittoLink::Client {
public:
    Client(const MqttOptions& options, LinkHandlers handlers) : options_(options), handlers_(std::move(handlers)) {
        static std::once_flag begun;
        std::call_once(begun, [] { mosquitto_lib_init(); });
        client_ = mosquitto_new(options_.client_id.c_str(), true, this);
        mosquitto_int_option(client_, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
        mosquitto_int_option(client_, MOSQ_OPT_RECEIVE_MAXIMUM, 1000);
        mosquitto_int_option(client_, MOSQ_OPT_SEND_MAXIMUM, 1000);
        mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1);
        mosquitto_tls_set(client_, options_.ca_file.c_str(), nullptr, options_.cert_file.c_str(), options_.key_file.c_str(),
                          nullptr);
        mosquitto_connect_callback_set(client_, [](mosquitto* self, void* me, int code) {
            if (code == 0)
                mosquitto_subscribe(self, nullptr, of(me).filter_.c_str(), 1);
        });
        mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* me, int, int, const int*) {
            of(me).ready_ = true;
            of(me).handlers_.connected();
        });
        mosquitto_message_callback_set(client_, [](mosquitto*, void* me, const mosquitto_message* message) {
            of(me).handlers_.received({static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen)});
        });
        mosquitto_publish_callback_set(client_, [](mosquitto*, void* me, int) { of(me).handlers_.delivered(); });
    }
    ~Client() { mosquitto_destroy(client_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void connect(const std::string& filter, const MqttMessage& will) {
        filter_ = filter;
        mosquitto_will_clear(client_);
        mosquitto_will_set_v5(client_, will.topic.c_str(), static_cast<int>(will.payload.size()), will.payload.data(), will.qos,
                              will.retained, nullptr);
        alive_ = true;
        if (mosquitto_connect_bind_v5(client_, options_.host.c_str(), options_.port, kKeepAliveSeconds, nullptr, nullptr) !=
            MOSQ_ERR_SUCCESS)
            lose();
    }

    bool publish(const MqttMessage& message) {
        return ready_ && mosquitto_publish_v5(client_, nullptr, message.topic.c_str(), static_cast<int>(message.payload.size()),
                                              message.payload.data(), message.qos, message.retained,
                                              nullptr) == MOSQ_ERR_SUCCESS;
    }

    void disconnect() {
        ready_ = alive_ = false;
        mosquitto_disconnect(client_);
        mosquitto_loop_write(client_, kPacketsAtOnce);
    }

    int socket() const { return alive_ ? mosquitto_socket(client_) : -1; }
    bool wants_to_write() const { return mosquitto_want_write(client_); }
    void read() { check(mosquitto_loop_read(client_, kPacketsAtOnce)); }
    void write() { check(mosquitto_loop_write(client_, kPacketsAtOnce)); }
    void keep_alive() {
        if (alive_)
            check(mosquitto_loop_misc(client_));
    }

private:
    static Client& of(void* me) { return *static_cast<Client*>(me); }

    void check(int code) {
        if (code != MOSQ_ERR_SUCCESS)
            lose();
    }
    void lose() {
        if (!alive_)
            return;
        alive_ = ready_ = false;
        mosquitto_disconnect(client_);
        handlers_.lost();
    }

    const MqttOptions options_;
    const LinkHandlers handlers_;
    mosquitto* client_ = nullptr;
    std::string filter_;
    bool alive_ = false;  // an attempt or a connection that has not been told as lost
    bool ready_ = false;
};

MosquittoLink::MosquittoLink(const MqttOptions& options, LinkHandlers handlers)
    : client_(std::make_unique<Client>(options, std::move(handlers))) {}
MosquittoLink::~MosquittoLink() = default;
void MosquittoLink::connect(const std::string& topic_filter, const MqttMessage& will) { client_->connect(topic_filter, will); }
bool MosquittoLink::publish(const MqttMessage& message) { return client_->publish(message); }
void MosquittoLink::disconnect() { client_->disconnect(); }
int MosquittoLink::socket() const { return client_->socket(); }
bool MosquittoLink::wants_to_write() const { return client_->wants_to_write(); }
void MosquittoLink::read() { client_->read(); }
void MosquittoLink::write() { client_->write(); }
void MosquittoLink::keep_alive() { client_->keep_alive(); }

}  // namespace sallyport::bench
