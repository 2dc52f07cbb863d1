package org.qiantang.zone.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.zone.CheckReport;
import org.qiantang.zone.Declaration;
import org.qiantang.zone.Release;
import org.qiantang.zone.Releases;
import org.qiantang.zone.Reviews;
import org.qiantang.zone.ZoneRun;
import org.qiantang.zone.ZoneRuns;
import org.qiantang.zone.Zones;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "zones", description = "授权运营域 · where operators work with granted data, and what leaves it after review")
class ZonesController {
    private static final int LONGEST_WORDS = 2_000;
    private static final int LONGEST_STATEMENT = 100_000;
    private static final int LONGEST_FRAGMENT = 4_000_000;
    private static final int MOST_LISTED = 500;

    private final Zones zones;
    private final ZoneRuns runs;
    private final Reviews reviews;
    private final Releases releases;

    ZonesController(Zones zones, ZoneRuns runs, Reviews reviews, Releases releases) {
        this.zones = zones;
        this.runs = runs;
        this.reviews = reviews;
        this.releases = releases;
    }

    @GetMapping("/api/zones")
    @Operation(summary = "The zones: one's own, or all for the bureau and auditors 授权运营域列表")
    List<Zones.ZoneWhole> list(@AuthenticationPrincipal Account who) {
        return zones.list(who);
    }

    @GetMapping("/api/zones/candidates")
    @Operation(summary = "Whose accounts and which grants a zone of a department can be made of 可选成员与授权")
    Zones.Candidates candidates(@RequestParam String department) {
        return zones.candidates(department);
    }

    @PostMapping("/api/zones")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Begin a zone; its department reads nowhere else from now on 设立授权运营域")
    Zones.ZoneWhole begin(
            @Valid @RequestBody ZoneBegun begun, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return zones.begin(actor(who, request), begun.department, begun.zone.wanted());
    }

    @GetMapping("/api/zones/{id}")
    @Operation(summary = "A zone and the grants that can be used in it 授权运营域详情")
    Zones.ZoneWhole get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return zones.get(who, id);
    }

    @PutMapping("/api/zones/{id}")
    @Operation(summary = "Change its terms, members and grants, at once 变更")
    Zones.ZoneWhole change(
            @PathVariable UUID id,
            @Valid @RequestBody ZoneEdit changed,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return zones.change(actor(who, request), id, changed.revision, changed.zone.wanted());
    }

    @PostMapping("/api/zones/{id}/revoke")
    @Operation(summary = "End it for good, at once 撤销")
    Zones.ZoneWhole revoke(
            @PathVariable UUID id,
            @Valid @RequestBody ZoneReason because,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return zones.revoke(actor(who, request), id, because.words);
    }

    @GetMapping("/api/zones/{id}/runs")
    @Operation(summary = "What was run in it, the newest first; no row 运行记录")
    List<ZoneRun> runs(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return runs.list(who, id);
    }

    @PostMapping("/api/zones/{id}/runs")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Run a statement in it; its result is held and checked 运行")
    ZoneRun run(@PathVariable UUID id, @Valid @RequestBody ZoneRunWanted run, @AuthenticationPrincipal Account who) {
        return runs.run(
                who, id, run.statement, new Declaration(run.kind, run.columns == null ? Map.of() : run.columns));
    }

    @GetMapping("/api/zones/{id}/releases")
    @Operation(summary = "What has left it 已带出的结果")
    List<Release> releases(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return releases.list(who, id);
    }

    @GetMapping("/api/zones/reviews")
    @Operation(summary = "Results that wait for a review, what is due first 待审核结果")
    List<Reviews.Waiting> reviews() {
        return reviews.list();
    }

    @GetMapping("/api/zone-runs/{id}")
    @Operation(summary = "A run and what the checks say of its result 运行详情")
    ZoneRun get(@AuthenticationPrincipal Account who, @PathVariable UUID id) {
        return runs.get(who, id);
    }

    @PostMapping("/api/zone-runs/{id}/submit")
    @Operation(summary = "Hand its result in for review 提交审核")
    ZoneRun submit(
            @PathVariable UUID id, @Valid @RequestBody ZoneReason because, @AuthenticationPrincipal Account who) {
        return runs.submit(who, id, because.words);
    }

    @PostMapping("/api/zone-runs/{id}/discard")
    @Operation(summary = "Delete its result 删除结果")
    ZoneRun discard(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return runs.discard(who, id);
    }

    @PostMapping("/api/zone-runs/{id}/sample")
    @Operation(summary = "Look at some rows of a result that waits; that is written down 查看抽样")
    Reviews.Sample sample(@PathVariable UUID id, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return reviews.sample(who, request.getRemoteAddr(), id);
    }

    @PostMapping("/api/zone-runs/{id}/approve")
    @Operation(summary = "Let its result leave 批准带出")
    Release approve(
            @PathVariable UUID id,
            @Valid @RequestBody ZoneApproval approval,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return reviews.approve(
                who,
                request.getRemoteAddr(),
                id,
                approval.words,
                approval.acknowledged == null ? Set.of() : approval.acknowledged);
    }

    @PostMapping("/api/zone-runs/{id}/refuse")
    @Operation(summary = "Keep its result from leaving 不予带出")
    ZoneRun refuse(
            @PathVariable UUID id,
            @Valid @RequestBody ZoneRefusal refusal,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return reviews.refuse(who, request.getRemoteAddr(), id, refusal.words, refusal.legalBasis);
    }

    @GetMapping("/api/releases/{id}/manifest")
    @Operation(summary = "What a release is, signed 签名清单")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "application/json"))
    ResponseEntity<byte[]> manifest(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(releases.manifest(who, id));
    }

    @GetMapping("/api/releases/{id}/file")
    @Operation(summary = "Its file, when a product is registered with it 下载")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "text/csv", schema = @Schema(type = "string")))
    ResponseEntity<byte[]> file(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return csv(releases.file(who, id));
    }

    static ResponseEntity<byte[]> csv(Releases.Handed handed) {
        return ResponseEntity.ok()
                .header("Content-Disposition", "attachment; filename=\"" + handed.name() + "\"")
                .header(
                        "X-Evidence",
                        handed.evidence().log() + "#" + handed.evidence().index())
                .contentType(MediaType.parseMediaType("text/csv;charset=UTF-8"))
                .body(handed.content());
    }

    @PostMapping("/api/releases/recognise")
    @Operation(summary = "Which release a file, or a piece of one, is of 辨认外流文件")
    List<Releases.Recognised> recognise(@Valid @RequestBody FoundFile found) {
        return releases.recognise(found.text);
    }

    private static Actor actor(Account who, HttpServletRequest request) {
        return new Actor(who.username(), request.getRemoteAddr());
    }

    record ZoneBegun(
            @NotBlank String department, @NotNull @Valid ZoneWanted zone) {}

    record ZoneEdit(int revision, @NotNull @Valid ZoneWanted zone) {}

    record ZoneWanted(
            @NotBlank @Size(max = 200) String name,
            @NotBlank @Size(max = 500) String agreement,
            @NotBlank @Size(max = LONGEST_WORDS) String scope,
            @NotNull LocalDate validFrom,
            @NotNull LocalDate validTo,
            @Nullable Integer k,
            @Nullable Integer mostRows,
            @Nullable Integer runsADay,
            @NotNull @Size(max = MOST_LISTED) List<@NotNull UUID> grants,
            @NotNull @Size(max = MOST_LISTED) List<@NotBlank String> members) {
        Zones.Wanted wanted() {
            return new Zones.Wanted(name, agreement, scope, validFrom, validTo, k, mostRows, runsADay, grants, members);
        }
    }

    record ZoneRunWanted(
            @NotBlank @Size(max = LONGEST_STATEMENT) String statement,
            Declaration.@NotNull Kind kind,
            @Nullable @Size(max = MOST_LISTED) Map<@NotBlank String, Declaration.@NotNull As> columns) {}

    record ZoneReason(@Nullable @Size(max = LONGEST_WORDS) String words) {}

    record ZoneApproval(
            @Nullable @Size(max = LONGEST_WORDS) String words,
            @Nullable Set<CheckReport.Of> acknowledged) {}

    record ZoneRefusal(
            @Nullable @Size(max = LONGEST_WORDS) String words,
            @Nullable @Size(max = LONGEST_WORDS) String legalBasis) {}

    record FoundFile(@NotBlank @Size(max = LONGEST_FRAGMENT) String text) {}
}
