package org.qiantang.app;

import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The hub: web pages, API, accounts and everything transactional. */
@SpringBootApplication
public class QiantangHub {
    @Bean
    SecurityFilterChain security(HttpSecurity http) {
        return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    /** Says that the hub answers. */
    @RestController
    static class Health {
        @GetMapping("/api/health")
        Map<String, String> health() {
            return Map.of("status", "UP");
        }
    }
}
