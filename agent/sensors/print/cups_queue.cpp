// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/cups_queue.hpp"

#include <cups/cups.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "agent/sensors/print/print_source.hpp"

namespace sallyport::agent {
namespace {

constexpr const char* kJobAttributes[] = {"job-id",
                                          "job-printer-uri",
                                          "job-state",
                                          "job-state-reasons",
                                          "job-originating-user-name",
                                          "copies",
                                          "sides",
                                          "number-up",
                                          "job-k-octets",
                                          "job-impressions",
                                          "job-impressions-completed",
                                          "job-media-sheets-completed",
                                          "time-at-creation",
                                          "time-at-processing",
                                          "time-at-completed"};
constexpr const char* kQueueAttributes[] = {"printer-name", "device-uri"};
// Printer events only: a job event would carry the title.
constexpr const char* kEvents[] = {"printer-added", "printer-deleted", "printer-modified"};

constexpr const char* kServerUri = "ipp://localhost/";
constexpr int kConnectTimeout_ms = 3'000;
constexpr std::chrono::milliseconds kAnswerTimeout{15'000};
constexpr std::chrono::milliseconds kFarewellTimeout{500};
constexpr double kStopInterval_s = 0.1;  // how often a waiting request looks whether it shall give up
constexpr int kLease_s = 86'400;

struct HttpClose {
    void operator()(http_t* http) const { httpClose(http); }
};
struct IppDelete {
    void operator()(ipp_t* ipp) const { ippDelete(ipp); }
};
using Answer = std::unique_ptr<ipp_t, IppDelete>;

void ask_for(ipp_t* request, std::span<const char* const> attributes) {
    ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
                  static_cast<int>(attributes.size()), nullptr, attributes.data());
}

Answer new_request(ipp_op_t operation) {
    Answer request(ippNewRequest(operation));
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", nullptr, cupsUser());
    return request;
}

// One attribute group of an answer: a job, a printer, an event.
struct Group {
    std::vector<ipp_attribute_t*> attributes;

    [[nodiscard]] ipp_attribute_t* find(std::string_view name) const {
        const auto at = std::find_if(attributes.begin(), attributes.end(),
                                     [&](ipp_attribute_t* one) { return ippGetName(one) == name; });
        return at == attributes.end() ? nullptr : *at;
    }
    [[nodiscard]] std::string text(std::string_view name) const {
        ipp_attribute_t* at = find(name);
        const char* value = at == nullptr ? nullptr : ippGetString(at, 0, nullptr);
        return value == nullptr ? "" : value;
    }
    // Never negative; nothing when it is missing or `no-value`.
    [[nodiscard]] std::optional<std::uint32_t> number(std::string_view name) const {
        ipp_attribute_t* at = find(name);
        if (at == nullptr || (ippGetValueTag(at) != IPP_TAG_INTEGER && ippGetValueTag(at) != IPP_TAG_ENUM))
            return std::nullopt;
        return static_cast<std::uint32_t>(std::max(0, ippGetInteger(at, 0)));
    }
    [[nodiscard]] std::optional<WallTime> time(std::string_view name) const {
        const auto seconds = number(name);
        if (!seconds || *seconds == 0) return std::nullopt;
        return WallTime(std::chrono::seconds(*seconds));
    }
};

std::vector<Group> groups_of(ipp_t* answer, ipp_tag_t tag) {
    std::vector<Group> groups;
    bool inside = false;
    for (auto* at = ippFirstAttribute(answer); at != nullptr; at = ippNextAttribute(answer)) {
        // Groups of one kind are kept apart by an attribute without a name.
        const bool wanted = ippGetGroupTag(at) == tag && ippGetName(at) != nullptr;
        if (wanted && !inside) groups.emplace_back();
        if (wanted) groups.back().attributes.push_back(at);
        inside = wanted;
    }
    return groups;
}

// cupsd holds a job, too, while its document has not come yet: nobody asked for that, nor releases it.
bool is_incoming(const Group& group) {
    ipp_attribute_t* reasons = group.find("job-state-reasons");
    return reasons != nullptr && ippContainsString(reasons, "job-incoming") != 0;
}

PrintJobState state_of(const Group& group) {
    switch (group.number("job-state").value_or(IPP_JSTATE_PENDING)) {
        case IPP_JSTATE_HELD:
            return is_incoming(group) ? PrintJobState::pending : PrintJobState::held;
        case IPP_JSTATE_PROCESSING:
        case IPP_JSTATE_STOPPED:
            return PrintJobState::printing;
        case IPP_JSTATE_CANCELED:
            return PrintJobState::cancelled;
        case IPP_JSTATE_ABORTED:
            return PrintJobState::aborted;
        case IPP_JSTATE_COMPLETED:
            return PrintJobState::completed;
        default:
            return PrintJobState::pending;
    }
}

std::optional<std::uint32_t> unless_zero(std::optional<std::uint32_t> number) {
    return number == 0U ? std::nullopt : number;
}

// `PAGE:` lines of filter or backend count sides times copies; an old cupsd counts them as sheets only.
std::optional<std::uint32_t> accounted_in(const Group& group) {
    return unless_zero(std::max(group.number("job-impressions-completed").value_or(0),
                                group.number("job-media-sheets-completed").value_or(0)));
}

// RFC 8011 section 5.2.8.
std::optional<std::uint32_t> sides_in(const Group& group) {
    const std::string sides = group.text("sides");
    if (sides.empty()) return std::nullopt;
    return sides.starts_with("two-sided") ? 2 : 1;
}

// The last part of the URI's path, percent signs decoded.
std::string queue_of(const std::string& printer_uri) {
    char scheme[32], user[256], host[256], path[1024];
    int port = 0;
    httpSeparateURI(HTTP_URI_CODING_ALL, printer_uri.c_str(), scheme, sizeof scheme, user, sizeof user, host,
                    sizeof host, &port, path, sizeof path);
    const std::string_view resource(path);
    return std::string(resource.substr(resource.rfind('/') + 1));
}

PrintJob job_of(const Group& group) {
    PrintJob job;
    job.id = group.number("job-id").value_or(0);
    job.queue = queue_of(group.text("job-printer-uri"));
    job.account = group.text("job-originating-user-name");
    job.state = state_of(group);
    job.copies = std::max(1U, group.number("copies").value_or(1));
    job.bytes = std::uint64_t{group.number("job-k-octets").value_or(0)} * 1024;
    job.declared = unless_zero(group.number("job-impressions"));
    job.accounted = accounted_in(group);
    job.sheets = unless_zero(group.number("job-media-sheets-completed"));
    job.sides_a_sheet = sides_in(group);
    job.pages_a_side = unless_zero(group.number("number-up"));
    job.created_at = group.time("time-at-creation");
    job.printing_at = group.time("time-at-processing");
    job.ended_at = group.time("time-at-completed");
    return job;
}

class CupsQueue final : public PrintSource {
public:
    explicit CupsQueue(std::string server) : server_(std::move(server)) {}
    ~CupsQueue() override { unsubscribe(); }
    CupsQueue(const CupsQueue&) = delete;
    CupsQueue& operator=(const CupsQueue&) = delete;

    [[nodiscard]] Result<void> connect(std::stop_token stop) override;
    void rest() override;
    [[nodiscard]] Result<QueueNews> queue_news() override;
    [[nodiscard]] Result<std::vector<PrintQueue>> queues() override;
    [[nodiscard]] Result<std::vector<PrintJob>> jobs(std::uint32_t first_id) override;
    [[nodiscard]] Result<std::uint32_t> submit_empty_job(const std::string& queue) override;
    [[nodiscard]] Result<void> cancel_job(std::uint32_t id) override;

private:
    [[nodiscard]] Result<Answer> ask(Answer request, const char* what,
                                     std::chrono::milliseconds timeout = kAnswerTimeout);
    [[nodiscard]] Result<void> open();
    [[nodiscard]] Result<void> subscribe();
    void unsubscribe();
    [[nodiscard]] Result<std::string> default_queue();

    std::string server_;
    std::stop_token stop_;
    std::chrono::steady_clock::time_point give_up_at_;
    std::unique_ptr<http_t, HttpClose> http_;
    bool resting_ = false;
    int subscription_ = 0;
    int next_event_ = 1;
};

Result<void> CupsQueue::connect(std::stop_token stop) {
    stop_ = std::move(stop);
    return open();
}

void CupsQueue::rest() {
    resting_ = resting_ || http_;
    http_.reset();
}

Result<void> CupsQueue::open() {
    http_.reset();
    resting_ = false;
    std::string host = server_.empty() ? cupsServer() : server_;
    int port = ippPort();
    if (const auto colon = host.rfind(':'); !host.starts_with('/') && colon != std::string::npos) {
        port = std::atoi(host.c_str() + colon + 1);
        host.resize(colon);
    }
    int cancel = 0;
    const std::stop_callback give_up(stop_, [&cancel] { cancel = 1; });
    http_.reset(httpConnect2(host.c_str(), port, nullptr, AF_UNSPEC, HTTP_ENCRYPTION_IF_REQUESTED, 1,
                             kConnectTimeout_ms, &cancel));
    if (!http_) return Error(Errc::unavailable, "cups: " + host + ": no print server answers");
    // Nobody is there to type a password.
    cupsSetPasswordCB2(
        [](const char*, http_t*, const char*, const char*, void*) -> const char* { return nullptr; },
        nullptr);
    httpSetTimeout(
        http_.get(), kStopInterval_s,
        [](http_t*, void* self) {
            const auto* queue = static_cast<const CupsQueue*>(self);
            return queue->stop_.stop_requested() || std::chrono::steady_clock::now() > queue->give_up_at_ ? 0
                                                                                                          : 1;
        },
        this);
    if (httpAddrFamily(httpGetAddress(http_.get())) == AF_LOCAL)
        httpSetAuthString(http_.get(), "PeerCred", cupsUser());
    return {};
}

Result<Answer> CupsQueue::ask(Answer request, const char* what, std::chrono::milliseconds timeout) {
    const auto refuse = [&](Errc code, std::string why) {
        http_.reset();
        return Error(code, std::string("cups: ") + what + ": " + std::move(why));
    };
    if (stop_.stop_requested()) return refuse(Errc::unavailable, "asked to stop");
    if (resting_)
        if (auto opened = open(); !opened) return opened.error();
    if (!http_) return refuse(Errc::unavailable, "not connected");
    give_up_at_ = std::chrono::steady_clock::now() + timeout;
    Answer answer = [&] {
        // The library waits a second for a server's `100 Continue`, whatever the timeout of connect() says.
        const std::stop_callback hang_up(stop_, [this] { shutdown(httpGetFd(http_.get()), SHUT_RDWR); });
        return Answer(cupsDoRequest(http_.get(), request.release(), "/"));
    }();
    if (!answer) return refuse(Errc::unavailable, cupsLastErrorString());
    // As a number: a server may answer with one that the library's enumeration does not have.
    const int status = ippGetStatusCode(answer.get());
    if (status == IPP_STATUS_ERROR_NOT_FOUND)
        return Error(Errc::not_found, std::string("cups: ") + what + ": not found");
    if (status >= IPP_STATUS_ERROR_BAD_REQUEST) return refuse(Errc::io, ippErrorString(ippGetStatusCode(answer.get())));
    return answer;
}

Result<void> CupsQueue::subscribe() {
    Answer request = new_request(IPP_OP_CREATE_PRINTER_SUBSCRIPTIONS);
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", nullptr, kServerUri);
    ippAddStrings(request.get(), IPP_TAG_SUBSCRIPTION, IPP_TAG_KEYWORD, "notify-events",
                  static_cast<int>(std::size(kEvents)), nullptr, kEvents);
    ippAddString(request.get(), IPP_TAG_SUBSCRIPTION, IPP_TAG_KEYWORD, "notify-pull-method", nullptr,
                 "ippget");
    ippAddInteger(request.get(), IPP_TAG_SUBSCRIPTION, IPP_TAG_INTEGER, "notify-lease-duration", kLease_s);
    auto answer = ask(std::move(request), "subscribing to printer events");
    if (!answer) return answer.error();
    ipp_attribute_t* id = ippFindAttribute(answer->get(), "notify-subscription-id", IPP_TAG_INTEGER);
    if (id == nullptr)
        return Error(Errc::io, "cups: subscribing to printer events: no subscription was made");
    subscription_ = ippGetInteger(id, 0);
    next_event_ = 1;
    return {};
}

// Best effort: cupsd forgets it by itself when the lease is over.
void CupsQueue::unsubscribe() {
    if ((!http_ && !resting_) || subscription_ == 0) return;
    stop_ = {};
    Answer request = new_request(IPP_OP_CANCEL_SUBSCRIPTION);
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", nullptr, kServerUri);
    ippAddInteger(request.get(), IPP_TAG_OPERATION, IPP_TAG_INTEGER, "notify-subscription-id", subscription_);
    static_cast<void>(ask(std::move(request), "ending the subscription", kFarewellTimeout));
}

Result<QueueNews> CupsQueue::queue_news() {
    QueueNews news;
    if (subscription_ == 0) {
        if (auto subscribed = subscribe(); !subscribed) return subscribed.error();
        return news;
    }
    Answer request = new_request(IPP_OP_GET_NOTIFICATIONS);
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", nullptr, kServerUri);
    ippAddInteger(request.get(), IPP_TAG_OPERATION, IPP_TAG_INTEGER, "notify-subscription-ids",
                  subscription_);
    ippAddInteger(request.get(), IPP_TAG_OPERATION, IPP_TAG_INTEGER, "notify-sequence-numbers", next_event_);
    auto answer = ask(std::move(request), "asking for printer events");
    if (!answer && answer.error().code() == Errc::not_found) {  // another server, or the lease is over
        subscription_ = 0;
        return queue_news();
    }
    if (!answer) return answer.error();
    news.continuous = true;
    for (const auto& group : groups_of(answer->get(), IPP_TAG_EVENT_NOTIFICATION)) {
        const int number = static_cast<int>(group.number("notify-sequence-number").value_or(0));
        if (number > next_event_) news.continuous = false;  // cupsd keeps only so many
        // A server may say any number; after the last there is no next one.
        next_event_ = std::max(next_event_, std::min(number, std::numeric_limits<int>::max() - 1) + 1);
        const std::string event = group.text("notify-subscribed-event");
        const auto kind = event == "printer-added"     ? QueueEvent::Kind::added
                          : event == "printer-deleted" ? QueueEvent::Kind::removed
                                                       : QueueEvent::Kind::modified;
        news.events.push_back({kind, group.text("printer-name")});
    }
    return news;
}

Result<std::string> CupsQueue::default_queue() {
    Answer request = new_request(IPP_OP_CUPS_GET_DEFAULT);
    ask_for(request.get(), std::span(kQueueAttributes).first(1));
    auto answer = ask(std::move(request), "asking for the default printer");
    if (!answer)
        return answer.error().code() == Errc::not_found ? Result<std::string>(std::string()) : answer.error();
    const auto groups = groups_of(answer->get(), IPP_TAG_PRINTER);
    return groups.empty() ? std::string() : groups.front().text("printer-name");
}

Result<std::vector<PrintQueue>> CupsQueue::queues() {
    auto chosen = default_queue();
    if (!chosen) return chosen.error();
    Answer request = new_request(IPP_OP_CUPS_GET_PRINTERS);
    ask_for(request.get(), kQueueAttributes);
    auto answer = ask(std::move(request), "listing printers");
    std::vector<PrintQueue> queues;
    if (!answer) {
        if (answer.error().code() == Errc::not_found) return queues;
        return answer.error();
    }
    for (const auto& group : groups_of(answer->get(), IPP_TAG_PRINTER)) {
        const std::string name = group.text("printer-name");
        if (!name.empty()) queues.push_back({name, group.text("device-uri"), name == *chosen});
    }
    return queues;
}

Result<std::vector<PrintJob>> CupsQueue::jobs(std::uint32_t first_id) {
    Answer request = new_request(IPP_OP_GET_JOBS);
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", nullptr, kServerUri);
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "which-jobs", nullptr, "all");
    ippAddInteger(request.get(), IPP_TAG_OPERATION, IPP_TAG_INTEGER, "first-job-id",
                  static_cast<int>(first_id));
    ask_for(request.get(), kJobAttributes);
    auto answer = ask(std::move(request), "listing jobs");
    std::vector<PrintJob> jobs;
    if (!answer) {
        if (answer.error().code() == Errc::not_found) return jobs;
        return answer.error();
    }
    for (const auto& group : groups_of(answer->get(), IPP_TAG_JOB)) {
        PrintJob job = job_of(group);
        if (job.id >= first_id) jobs.push_back(std::move(job));
    }
    std::sort(jobs.begin(), jobs.end(),
              [](const PrintJob& one, const PrintJob& other) { return one.id < other.id; });
    return jobs;
}

// RFC 8011 section 4.2.4: a job is made first and given its documents later; this one is never given any, so that whoever
// releases it gets no paper. What it is called is left to the server.
Result<std::uint32_t> CupsQueue::submit_empty_job(const std::string& queue) {
    Answer request = new_request(IPP_OP_CREATE_JOB);
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", nullptr,
                 (std::string(kServerUri) + "printers/" + queue).c_str());
    ippAddString(request.get(), IPP_TAG_JOB, IPP_TAG_KEYWORD, "job-hold-until", nullptr, "indefinite");
    auto answer = ask(std::move(request), "making an empty job");
    if (!answer) return answer.error();
    ipp_attribute_t* id = ippFindAttribute(answer->get(), "job-id", IPP_TAG_INTEGER);
    if (id == nullptr) return Error(Errc::io, "cups: making an empty job: it has no number");
    return static_cast<std::uint32_t>(ippGetInteger(id, 0));
}

Result<void> CupsQueue::cancel_job(std::uint32_t id) {
    Answer request = new_request(IPP_OP_CANCEL_JOB);
    ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "job-uri", nullptr,
                 (std::string(kServerUri) + "jobs/" + std::to_string(id)).c_str());
    auto answer = ask(std::move(request), "cancelling the empty job");
    return answer ? Result<void>() : answer.error();
}

}  // namespace

std::unique_ptr<PrintSource> make_cups_queue(const std::string& server) {
    return std::make_unique<CupsQueue>(server);
}

std::span<const char* const> requested_job_attributes() {
    return kJobAttributes;
}

}  // namespace sallyport::agent
