package org.qiantang.app.peers;

import jakarta.servlet.DispatcherType;
import org.qiantang.app.security.AccessRules;
import org.qiantang.app.web.Problems;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.exchange.PeerMessages;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.ExceptionTranslationFilter;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/** The door for other installations. It knows no session and no token, and what opens it opens nothing else. */
@Configuration(proxyBeanMethods = false)
class PeersConfiguration {
    @Bean
    @Order(3)
    SecurityFilterChain otherInstallations(HttpSecurity http, PeerMessages messages, Problems problems) {
        return http.securityMatcher(PathPatternRequestMatcher.withDefaults().matcher(AccessRules.PEERS_DOOR))
                .addFilterBefore(new PeerDoor(messages, problems), ExceptionTranslationFilter.class)
                .csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .anonymous(AbstractHttpConfigurer::disable)
                .authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .anyRequest()
                        .access(new AccessRules()))
                .exceptionHandling(refused -> refused.accessDeniedHandler((request, response, e) -> problems.write(
                        new Problem(CoreProblem.NOT_FOUND, "what", request.getRequestURI()), request, response)))
                .build();
    }
}
