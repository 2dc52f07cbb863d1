package org.qiantang.portal.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.qiantang.core.Csv;
import org.qiantang.portal.ValueLedger;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/value")
@Tag(name = "value", description = "数据价值台账 · what is read of the city's data, by whom and for what")
class ValueController {
    private static final int MOST_DAYS = 1_096;

    private final ValueLedger ledger;

    ValueController(ValueLedger ledger) {
        this.ledger = ledger;
    }

    @GetMapping
    @Operation(summary = "What was read in the last days, and what never was 价值台账")
    ValueLedger.Value value(@RequestParam(defaultValue = "90") int days) {
        return ledger.value(Math.clamp(days, 1, MOST_DAYS));
    }

    @GetMapping("/export")
    @Operation(summary = "What was read of each resource, as CSV 导出价值台账")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "text/csv", schema = @Schema(type = "string")))
    ResponseEntity<String> export(@RequestParam(defaultValue = "90") int days) {
        StringBuilder csv = new StringBuilder(Csv.Form.SPREADSHEET.beginning());
        csv.append(Csv.line(
                List.of(
                        "资源 resource",
                        "提供部门 provider",
                        "读取次数 reads",
                        "行数 rows",
                        "减少填报 forms",
                        "使用部门 departments",
                        "场景 scenarios"),
                Csv.Form.SPREADSHEET));
        for (ValueLedger.ResourceUse each : ledger.resources(Math.clamp(days, 1, MOST_DAYS))) {
            csv.append(Csv.line(
                    List.of(
                            each.title(),
                            each.provider().name(),
                            Long.toString(each.use().reads()),
                            Long.toString(each.use().rows()),
                            Long.toString(each.use().forms()),
                            Integer.toString(each.departments()),
                            Integer.toString(each.scenarios())),
                    Csv.Form.SPREADSHEET));
        }
        return ResponseEntity.ok()
                .header("Content-Type", "text/csv;charset=UTF-8")
                .header("Content-Disposition", "attachment; filename=\"value.csv\"")
                .body(csv.toString());
    }
}
