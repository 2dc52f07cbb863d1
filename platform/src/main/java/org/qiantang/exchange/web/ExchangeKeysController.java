package org.qiantang.exchange.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.qiantang.exchange.ExchangeKeys;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.org.KeyRing;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "exchange")
class ExchangeKeysController {
    private final ExchangeKeys keys;

    ExchangeKeysController(ExchangeKeys keys) {
        this.keys = keys;
    }

    @GetMapping("/api/exchange/keys")
    @Operation(summary = "The keys that sign what goes to peers, and those that still count 互认签名密钥")
    List<KeyRing.PublishedKey> list() {
        return keys.list();
    }

    @PostMapping("/api/exchange/keys/rotate")
    @Operation(summary = "Announce the next key; it signs in a day, and the one before counts for a day more 更换互认签名密钥")
    List<KeyRing.PublishedKey> rotate(@AuthenticationPrincipal Account who, HttpServletRequest request) {
        return keys.rotate(new Actor(who.username(), request.getRemoteAddr()));
    }
}
