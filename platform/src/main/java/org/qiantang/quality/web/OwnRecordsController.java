package org.qiantang.quality.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.qiantang.org.Account;
import org.qiantang.quality.Objections;
import org.qiantang.quality.OwnRecords;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/my")
@Tag(name = "my", description = "我的 · what the city holds about whoever asks")
class OwnRecordsController {
    private final OwnRecords records;
    private final Objections objections;

    OwnRecordsController(OwnRecords records, Objections objections) {
        this.records = records;
        this.objections = objections;
    }

    @GetMapping("/entries")
    @Operation(summary = "Published data in which there may be records about oneself 可查询的数据")
    List<OwnRecords.About> entries(@AuthenticationPrincipal Account who) {
        return records.list(who);
    }

    @GetMapping("/entries/{id}/records")
    @Operation(summary = "The records about oneself 关于我的记录")
    List<OwnRecords.OwnRecord> records(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return records.records(who, id);
    }

    @GetMapping("/objections")
    @Operation(summary = "One's own objections, the newest first 我的异议")
    List<Objections.ObjectionBrief> list(@AuthenticationPrincipal Account who) {
        return objections.listOwn(who);
    }

    @PostMapping("/objections")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Say that a record about oneself is wrong 提出异议")
    Objections.ObjectionWhole raise(@Valid @RequestBody NewObjection objection, @AuthenticationPrincipal Account who) {
        return objections.raise(
                who,
                new Objections.Raised(
                        objection.entry(),
                        objection.record(),
                        objection.item(),
                        objection.should(),
                        objection.reason()));
    }

    @GetMapping("/objections/{id}")
    @Operation(summary = "How one's objection stands 异议进度")
    Objections.ObjectionWhole get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return objections.getOwn(who, id);
    }

    @PostMapping("/objections/{id}/withdraw")
    @Operation(summary = "Take one's objection back 撤回异议")
    Objections.ObjectionWhole withdraw(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return objections.withdraw(who, id);
    }

    record NewObjection(
            @NotNull UUID entry,
            @NotBlank @Size(max = 64) String record,
            @NotBlank @Size(max = 200) String item,
            @NotBlank @Size(max = 500) String should,
            @NotBlank @Size(max = 2_000) String reason) {}
}
