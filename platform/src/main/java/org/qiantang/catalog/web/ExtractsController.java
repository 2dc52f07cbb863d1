package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Extracts;
import org.qiantang.catalog.ResourceExtract;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.Extract;
import org.qiantang.lake.RowCondition;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "catalogue", description = "目录 · what the city has")
class ExtractsController {
    private static final int LONGEST_ID = 100;
    private static final int MOST_FIELDS = 2_000;
    private static final int MOST_CONDITIONS = 100;
    private static final int MOST_VALUES = 1_000;
    private static final int LONGEST_VALUE = 1_000;

    private final Extracts extracts;

    ExtractsController(Extracts extracts) {
        this.extracts = extracts;
    }

    @PostMapping("/api/resources/{id}/export")
    @Operation(summary = "Download what one may see of a resource as Parquet or an Arrow stream 下载数据资源")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = ExtractAnswer.PARQUET, schema = @Schema(type = "string", format = "binary")),
                @Content(mediaType = ExtractAnswer.ARROW, schema = @Schema(type = "string", format = "binary"))
            })
    void export(
            @PathVariable UUID id,
            @Valid @RequestBody ExtractWanted wanted,
            @AuthenticationPrincipal Account who,
            HttpServletResponse response)
            throws IOException {
        Extract.Form form = wanted.form() == null ? Extract.Form.PARQUET : wanted.form();
        ResourceExtract extract = new ResourceExtract(
                wanted.fields() == null ? List.of() : wanted.fields(),
                wanted.conditions() == null
                        ? List.of()
                        : wanted.conditions().stream()
                                .map(ExtractCondition::condition)
                                .toList());
        ExtractAnswer.send(
                response,
                extracts.make(who, id, extract, wanted.id(), wanted.grant(), wanted.caseNumber(), form),
                form,
                id.toString());
    }

    /** The same for a program of a department, which reads under a grant or not at all. */
    @PostMapping("/extracts/{id}")
    void take(
            @PathVariable UUID id,
            @Valid @RequestBody ExtractWanted wanted,
            @AuthenticationPrincipal Account who,
            HttpServletResponse response)
            throws IOException {
        export(id, wanted, who, response);
    }

    /**
     * @param id by which it can be stopped (DELETE /api/sql/{id})
     * @param form Parquet where none is named
     * @param fields all that may be seen where none is named
     */
    record ExtractWanted(
            @Nullable @Size(max = LONGEST_ID) String id,
            Extract.@Nullable Form form,
            @Nullable UUID grant,
            @Nullable @Size(max = LONGEST_ID) String caseNumber,
            @Nullable @Size(max = MOST_FIELDS) List<@NotNull String> fields,
            @Nullable @Valid @Size(max = MOST_CONDITIONS) List<@NotNull ExtractCondition> conditions) {}

    record ExtractCondition(
            @NotNull String column,
            RowCondition.@NotNull Operator operator,

            @NotEmpty @Size(max = MOST_VALUES) List<@NotNull @Size(max = LONGEST_VALUE) String> values) {
        RowCondition condition() {
            try {
                return new RowCondition(column, operator, values);
            } catch (IllegalArgumentException e) {
                throw new Problem(CoreProblem.BAD_REQUEST, "reason", String.valueOf(e.getMessage()));
            }
        }
    }
}
