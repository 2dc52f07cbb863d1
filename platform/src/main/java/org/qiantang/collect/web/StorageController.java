package org.qiantang.collect.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.RunSummary;
import org.qiantang.collect.Storage;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/storage")
@Tag(name = "storage", description = "存储 · whether new data can be kept")
class StorageController {
    private final Storage storage;

    StorageController(Storage storage) {
        this.storage = storage;
    }

    @GetMapping
    @Operation(summary = "Whether storage takes new data 存储是否可写入")
    StorageState get() {
        Storage.State state = storage.state();
        return new StorageState(
                state.health(),
                state.since(),
                state.where(),
                state.freeBytes(),
                storage.refusal()
                        .map(why -> new RunSummary.Words(why.zh(), why.en()))
                        .orElse(null));
    }

    /** @param message why nothing new is taken; null when all is well */
    record StorageState(
            Storage.Health health,
            Instant since,
            @Nullable String where,
            @Nullable Long freeBytes,
            RunSummary.@Nullable Words message) {}
}
