package org.qiantang.bench.pins;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.server.RestfulServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.modulith.events.ApplicationModuleListener;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A program with every framework of the pin sheet in its context. */
@SpringBootApplication
class PinnedProgram {

    record Published(String what) {}

    @RestController
    static class City {
        @GetMapping("/city")
        String name() {
            return "杭州";
        }
    }

    @Component
    static class Listener {
        private volatile String heard = "";

        /** A method, because a caller holds a proxy, whose own fields are empty. */
        String heard() {
            return heard;
        }

        @ApplicationModuleListener
        void on(Published event) {
            heard = event.what();
        }
    }

    @Bean(destroyMethod = "close")
    EmbeddedPostgres postgres() throws IOException {
        return EmbeddedPostgres.start();
    }

    @Bean
    DataSource dataSource(EmbeddedPostgres postgres) {
        return postgres.getPostgresDatabase();
    }

    @Bean
    ServletRegistrationBean<RestfulServer> fhir() {
        ServletRegistrationBean<RestfulServer> servlet =
                new ServletRegistrationBean<>(new RestfulServer(FhirContext.forR4Cached()), "/fhir/*");
        servlet.setName("fhir");
        return servlet;
    }

    /** Boot writes this chain only for a program that has no chain of its own. */
    @Bean
    @Order(1)
    SecurityFilterChain tokens(HttpSecurity http) {
        return http.oauth2AuthorizationServer(server -> http.securityMatcher(server.getEndpointsMatcher()))
                .authorizeHttpRequests(all -> all.anyRequest().authenticated())
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain open(HttpSecurity http) {
        return http.authorizeHttpRequests(all -> all.anyRequest().permitAll())
                .csrf(AbstractHttpConfigurer::disable)
                .build();
    }
}
