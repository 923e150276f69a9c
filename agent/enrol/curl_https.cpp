// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>

#include <memory>

#include "agent/enrol/https_client.hpp"
#include "protocol/json.hpp"

namespace sallyport::agent {
namespace {

constexpr long kConnectSeconds = 10, kAnswerSeconds = 30;
constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr JsonLimits kAnswerLimits{kAnswerBytesMax, 4, 64};

struct Closer {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t collect(char* data, std::size_t size, std::size_t count, void* into) {
    auto* text = static_cast<std::string*>(into);
    if (text->size() + size * count > kAnswerBytesMax)
        return 0;  // ends the transfer
    text->append(data, size * count);
    return size * count;
}

// The sentence in {"error": {"message"}}.
std::string sentence_of(const Record& body) {
    const Value* error = body.find("error");
    const Record* record = error == nullptr ? nullptr : error->as<Record>();
    return record == nullptr ? std::string("no reason is given") : std::string(text_of(*record, "message"));
}

}  // namespace

Result<HttpsAnswer> HttpsClient::ask(const std::string& path, const Record* body) const {
    const std::string where = "https: " + server_.host + ":" + std::to_string(server_.port) + ": ";
    if (body != nullptr && !authority_)
        return Error(Errc::internal, where + "nothing is told to a server that is not known");
    const std::unique_ptr<CURL, Closer> handle(curl_easy_init());
    const std::unique_ptr<curl_slist, Closer> headers(curl_slist_append(nullptr, "Content-Type: application/json"));
    if (!handle || !headers)
        return Error(Errc::internal, where + "libcurl gives no handle");
    const std::string url = "https://" + server_.host + ":" + std::to_string(server_.port) + path;
    const std::string sent = body == nullptr ? std::string() : write_json(*body);
    std::string received;
    char reason[CURL_ERROR_SIZE] = {};
    CURL* curl = handle.get();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_3));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, authority_ ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, authority_ ? 2L : 0L);
    if (authority_) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, authority_->c_str());
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, kAnswerSeconds);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    if (body != nullptr) {
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(sent.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent.c_str());
    }
    if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK)
        return Error(Errc::unavailable, where + (*reason != '\0' ? reason : curl_easy_strerror(code)));
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    auto answer = read_json_record(received, kAnswerLimits);
    if (!answer)
        return Error(Errc::unavailable, where + "its answer to " + path + " is no JSON: is this the collector?");
    if (status >= 500 || status == 429)
        return Error(Errc::unavailable, where + sentence_of(*answer));
    if (status >= 400)
        return Error(Errc::refused, where + sentence_of(*answer));
    return HttpsAnswer{static_cast<int>(status), std::move(*answer)};
}

}  // namespace sallyport::agent
