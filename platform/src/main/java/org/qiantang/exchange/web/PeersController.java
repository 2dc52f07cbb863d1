package org.qiantang.exchange.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.qiantang.exchange.Peer;
import org.qiantang.exchange.PeerCard;
import org.qiantang.exchange.PeerOffers;
import org.qiantang.exchange.Peers;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/exchange")
@Tag(name = "peers", description = "平台互联 · other installations with which data is exchanged")
class PeersController {
    private final Peers peers;
    private final PeerOffers offers;

    PeersController(Peers peers, PeerOffers offers) {
        this.peers = peers;
        this.offers = offers;
    }

    @GetMapping("/card")
    @Operation(summary = "What is handed to the other side 本平台名片")
    PeerCard card() {
        return peers.card();
    }

    @GetMapping("/peers")
    @Operation(summary = "The installations with which we exchange 互联平台列表")
    List<Peer> list() {
        return peers.list();
    }

    @PostMapping("/peers")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Enter the other side's card; another person confirms it 登记对方名片")
    Peer propose(
            @Valid @RequestBody Proposed proposed, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return peers.propose(
                actor(who, request), proposed.name(), proposed.card().card());
    }

    @GetMapping("/peers/{peer}")
    @Operation(summary = "One of them, with the digits to compare 互联平台详情")
    Peer get(@PathVariable String peer) {
        return peers.get(peer);
    }

    @PutMapping("/peers/{peer}/card")
    @Operation(summary = "Enter its card anew; it has to be confirmed again 更换对方名片")
    Peer replaceCard(
            @PathVariable String peer,
            @Valid @RequestBody Card card,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return peers.replaceCard(actor(who, request), peer, card.card());
    }

    @PostMapping("/peers/{peer}/confirm")
    @Operation(summary = "The digits are the same on both sides 核对指纹并确认")
    Peer confirm(
            @PathVariable String peer,
            @Valid @RequestBody Compared compared,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return peers.confirm(actor(who, request), peer, compared.fingerprint());
    }

    @PostMapping("/peers/{peer}/suspend")
    @Operation(summary = "Let nothing pass for a while, at once 暂停互联")
    Peer suspend(@PathVariable String peer, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return peers.suspend(actor(who, request), peer);
    }

    @PostMapping("/peers/{peer}/resume")
    @Operation(summary = "Let it pass again 恢复互联")
    Peer resume(@PathVariable String peer, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return peers.resume(actor(who, request), peer);
    }

    @PostMapping("/peers/{peer}/end")
    @Operation(summary = "For good 终止互联")
    Peer end(@PathVariable String peer, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return peers.end(actor(who, request), peer);
    }

    @GetMapping("/peers/{peer}/offers")
    @Operation(summary = "What its directory offers, as it last said 对方目录")
    PeerOffers.OffersFound offers(
            @PathVariable String peer, @RequestParam(defaultValue = "") @Size(max = 200) String q) {
        return offers.search(peer, q);
    }

    private static Actor actor(Account who, HttpServletRequest request) {
        return new Actor(who.username(), request.getRemoteAddr());
    }

    /** @param name short, as it is called in addresses here */
    record Proposed(
            @NotBlank @Size(max = 30) String name,
            @NotNull @Valid Card card) {}

    record Card(
            @NotBlank @Size(max = 200) String name,
            @NotBlank @Size(max = 500) String address,
            @NotBlank @Size(max = 500) String publicKey,
            @NotBlank @Size(max = 500) String evidenceKey) {
        PeerCard card() {
            return new PeerCard(name, address, publicKey, evidenceKey);
        }
    }

    record Compared(@NotBlank @Size(max = 60) String fingerprint) {}
}
