package org.qiantang.app.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "health", description = "运行状态 · whether the hub answers")
class HealthController {
    @GetMapping("/api/health")
    @Operation(summary = "Whether the hub answers; says nothing more 运行状态")
    Map<String, String> health() {
        return Map.of("status", "UP");
    }
}
