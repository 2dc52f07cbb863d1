package org.qiantang.collect.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.EventDoors;
import org.qiantang.collect.EventFlow;
import org.qiantang.collect.EventIntake;
import org.qiantang.collect.EventStreams;
import org.qiantang.collect.internal.events.EventLines;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "events", description = "事件流 · streams of events and their devices")
class EventsController {
    private static final int LARGEST_BODY = 16 << 20;
    private static final int LARGEST_PAGE = 500;
    private static final int MINUTES = 60;
    private static final Duration SILENCE = Duration.ofHours(1);
    private static final String BEARER = "Bearer ";

    private final EventStreams streams;
    private final EventIntake intake;
    private final EventDoors doors;
    private final EventFlow flow;

    EventsController(EventStreams streams, EventIntake intake, EventDoors doors, EventFlow flow) {
        this.streams = streams;
        this.intake = intake;
        this.doors = doors;
        this.flow = flow;
    }

    @PostMapping("/api/events/{stream}")
    @Operation(
            summary =
                    "Send events with a device's token: NDJSON, or one JSON document; answered when they are safe 推送事件")
    EventIntake.Taken take(@PathVariable String stream, HttpServletRequest request) throws IOException {
        EventStreams.Sender sender = streams.sender(stream, token(request));
        byte[] body = body(request);
        String type = request.getContentType();
        boolean document = type != null && type.toLowerCase(Locale.ROOT).startsWith("application/json");
        return intake.take(
                sender,
                "",
                EventLines.of(
                        document ? EventLines.Form.DOCUMENT : EventLines.Form.LINES,
                        body,
                        streams.encoding(sender.stream())));
    }

    @GetMapping("/api/sources/{id}/events")
    @Operation(summary = "What a stream has brought, minute by minute 事件流状态")
    State state(@PathVariable UUID id) {
        return new State(
                streams.totals(id),
                streams.minutes(id, MINUTES),
                streams.countDevices(id),
                streams.countSilent(id, SILENCE),
                doors.hj212Port().orElse(null),
                doors.mqttPort().orElse(null),
                doors.trouble(id).orElse(null),
                intake.refusal().orElse(null),
                flow.failure().orElse(null),
                flow.waitingBytes());
    }

    @GetMapping("/api/sources/{id}/devices")
    @Operation(summary = "Registered devices 已登记设备")
    List<EventStreams.Device> devices(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "NUMBER") EventStreams.Order order,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "100") int limit) {
        return streams.devices(id, q, order, Math.max(0, offset), Math.clamp(limit, 1, LARGEST_PAGE));
    }

    @PostMapping("/api/sources/{id}/devices")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Register a device; its token is shown this once 登记设备（令牌只显示一次）")
    EventStreams.Token register(
            @PathVariable UUID id, @Valid @RequestBody NewDevice device, @AuthenticationPrincipal Account who) {
        String title = device.title() == null ? "" : device.title();
        return streams.register(id, device.device(), title, Boolean.TRUE.equals(device.gateway()), who.username());
    }

    @PostMapping("/api/sources/{id}/devices/token")
    @Operation(summary = "Give a device a new token; the old one ends 更换令牌")
    EventStreams.Token rotate(@PathVariable UUID id, @RequestParam String device) {
        return streams.rotate(id, device);
    }

    @DeleteMapping("/api/sources/{id}/devices")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Remove a device; what it brought stays 移除设备（已入湖数据保留）")
    void remove(@PathVariable UUID id, @RequestParam String device) {
        streams.remove(id, device);
    }

    @GetMapping("/api/sources/{id}/quarantine")
    @Operation(summary = "Devices nobody has registered, and how much of them waits 隔离区")
    List<EventStreams.Stranger> strangers(@PathVariable UUID id) {
        return streams.strangers(id);
    }

    private static String token(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip()
                : "";
    }

    private static byte[] body(HttpServletRequest request) throws IOException {
        String encoding = request.getHeader("Content-Encoding");
        try (InputStream raw = request.getInputStream();
                InputStream in = "gzip".equalsIgnoreCase(encoding) ? new GZIPInputStream(raw) : raw) {
            byte[] body = in.readNBytes(LARGEST_BODY + 1);
            if (body.length > LARGEST_BODY) {
                throw new Problem(CollectProblem.EVENTS_TOO_LARGE, "limit", LARGEST_BODY + " bytes");
            }
            return body;
        } catch (ZipException | EOFException e) {
            throw new Problem(CollectProblem.EVENTS_UNREADABLE, "reason", String.valueOf(e.getMessage()));
        }
    }

    record NewDevice(
            @NotBlank String device,
            @Nullable String title,
            @Nullable Boolean gateway) {}

    /**
     * @param silentDevices of which nothing came for an hour
     * @param hj212Port at which instruments are heard, or null
     * @param mqttPort at which devices may publish, or null
     * @param trouble why nothing comes from the broker, or null
     * @param refusal why nothing is taken at the moment, or null
     * @param failure why nothing lands at the moment, or null; events are safe meanwhile
     * @param waitingBytes in the log, of all streams
     */
    record State(
            EventStreams.Totals totals,
            List<EventStreams.Minute> minutes,
            long devices,
            long silentDevices,
            @Nullable Integer hj212Port,
            @Nullable Integer mqttPort,
            @Nullable String trouble,
            @Nullable String refusal,
            @Nullable String failure,
            long waitingBytes) {}
}
