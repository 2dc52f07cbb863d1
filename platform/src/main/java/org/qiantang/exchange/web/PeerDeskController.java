package org.qiantang.exchange.web;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.exchange.PeerDesk;
import org.qiantang.exchange.PeerKeys;
import org.qiantang.exchange.PeerMessages;
import org.qiantang.org.Account;
import org.qiantang.share.Applications.ApplicationWhole;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where peers ask for our keys and directory, and apply for what is in it; no person and no program comes here. */
@RestController
@RequestMapping("/peer")
@Hidden
class PeerDeskController {
    private final PeerMessages messages;
    private final PeerDesk desk;

    PeerDeskController(PeerMessages messages, PeerDesk desk) {
        this.messages = messages;
        this.desk = desk;
    }

    @GetMapping("/keys")
    PeerKeys keys() {
        return messages.announced();
    }

    @GetMapping("/catalogue")
    PeerDesk.Catalogue catalogue(@RequestParam @Nullable UUID after) {
        return desk.catalogue(after);
    }

    @GetMapping("/standing")
    PeerDesk.Standing standing(@AuthenticationPrincipal Account peer) {
        return desk.standing(peer);
    }

    @PutMapping("/applications/{id}")
    ApplicationWhole receive(
            @PathVariable UUID id, @RequestBody PeerDesk.Handed handed, @AuthenticationPrincipal Account peer) {
        return desk.receive(peer, id, handed);
    }

    @PostMapping("/applications/{id}/withdraw")
    ApplicationWhole withdraw(@PathVariable UUID id, @AuthenticationPrincipal Account peer) {
        return desk.withdraw(peer, id);
    }

    @PostMapping("/applications/{id}/parts/{part}/negotiate")
    ApplicationWhole negotiate(
            @PathVariable UUID id,
            @PathVariable UUID part,
            @Valid @RequestBody Stated stated,
            @AuthenticationPrincipal Account peer) {
        return desk.negotiate(peer, id, part, stated.words());
    }

    @PostMapping("/applications/{id}/parts/{part}/statements")
    ApplicationWhole say(
            @PathVariable UUID id,
            @PathVariable UUID part,
            @Valid @RequestBody Stated stated,
            @AuthenticationPrincipal Account peer) {
        return desk.say(peer, id, part, stated.words());
    }

    @PostMapping("/applications/{id}/parts/{part}/escalate")
    ApplicationWhole escalate(
            @PathVariable UUID id,
            @PathVariable UUID part,
            @Valid @RequestBody Stated stated,
            @AuthenticationPrincipal Account peer) {
        return desk.escalate(peer, id, part, stated.words());
    }

    record Stated(@Nullable @Size(max = 2_000) String words) {}
}
