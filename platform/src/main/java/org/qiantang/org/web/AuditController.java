package org.qiantang.org.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditEntry;
import org.qiantang.org.AuditTrail;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/audit")
@Tag(name = "audit", description = "审计 · the trail of administrative acts")
class AuditController {
    private final AuditTrail trail;

    AuditController(AuditTrail trail) {
        this.trail = trail;
    }

    @GetMapping
    @Operation(summary = "Administrative acts, the newest first 管理行为记录")
    List<AuditEntry> list(
            @RequestParam(required = false) @Nullable String actor,
            @RequestParam(required = false) @Nullable Act act,
            @RequestParam(required = false) @Nullable String subject,
            @RequestParam(defaultValue = "0") long before,
            @RequestParam(defaultValue = "50") int limit) {
        return trail.list(new AuditTrail.Wanted(blank(actor), act, blank(subject), before, limit));
    }

    @PostMapping("/verification")
    @Operation(
            summary =
                    "Sum the whole trail again and say whether it is as it was written and goes as far as it had come 校验审计记录")
    AuditTrail.Verdict verify(HttpServletRequest request, @AuthenticationPrincipal Account who) {
        return trail.verify(new Actor(who.username(), request.getRemoteAddr()));
    }

    private static @Nullable String blank(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
