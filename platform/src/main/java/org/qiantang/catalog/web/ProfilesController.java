package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Profile;
import org.qiantang.catalog.ProfileAlarm;
import org.qiantang.catalog.Profiles;
import org.qiantang.catalog.Resources;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "catalogue", description = "目录 · what the city has")
class ProfilesController {
    private static final int LARGEST_PAGE = 200;
    private static final int LONGEST_NOTE = 500;

    private final Profiles profiles;

    ProfilesController(Profiles profiles) {
        this.profiles = profiles;
    }

    @GetMapping("/api/resources/{id}/profile")
    @Operation(summary = "What a resource holds, column by column, and how that changed 数据概貌")
    Profile profile(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return profiles.get(who, id);
    }

    @GetMapping("/api/profile-alarms")
    @Operation(summary = "What changed more than it should, the newest first 数据变化提醒")
    ProfileAlarm.Page alarms(
            @RequestParam(defaultValue = "") Set<ProfileAlarm.State> state,
            @RequestParam(required = false) @Nullable UUID resource,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "50") int limit,
            @AuthenticationPrincipal Account who) {
        return profiles.listAlarms(
                who, state, resource, new Resources.Range(Math.max(0, offset), Math.clamp(limit, 1, LARGEST_PAGE)));
    }

    @PostMapping("/api/profile-alarms/{id}/seen")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Say that an alarm was seen 知悉")
    void see(@PathVariable long id, @AuthenticationPrincipal Account who) {
        profiles.see(who, id);
    }

    @PostMapping("/api/profile-alarms/{id}/settle")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Say why it is as it should be 办结")
    void settle(
            @PathVariable long id,
            @Valid @RequestBody AlarmSettlement settlement,
            @AuthenticationPrincipal Account who) {
        profiles.settle(who, id, settlement.note().strip());
    }

    /** @param note why nothing more is to be done */
    record AlarmSettlement(
            @NotBlank @Size(max = LONGEST_NOTE) String note) {}
}
