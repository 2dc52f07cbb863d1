package org.qiantang.exchange.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.exchange.Mirror;
import org.qiantang.exchange.Mirrors;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/exchange/mirrors")
@Tag(name = "exchange", description = "数据交换 · tables of peers that are followed into our lake")
class MirrorsController {
    private final Mirrors mirrors;

    MirrorsController(Mirrors mirrors) {
        this.mirrors = mirrors;
    }

    @GetMapping
    @Operation(summary = "Tables of peers that are followed, of a source or of one's department 对等平台跟踪列表")
    List<Mirror> list(@RequestParam @Nullable UUID source, @AuthenticationPrincipal Account who) {
        return mirrors.list(who, source);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Follow a peer's table into our lake 跟踪入湖")
    Mirror create(@Valid @RequestBody WantedMirror wanted, @AuthenticationPrincipal Account who) {
        return mirrors.create(
                who,
                new Mirrors.Wanted(
                        wanted.peer(),
                        wanted.grant(),
                        new TableName(wanted.table().namespace(), wanted.table().name()),
                        wanted.title(),
                        wanted.source()));
    }

    @GetMapping("/{id}")
    @Operation(summary = "How far it has come 跟踪详情")
    Mirror get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return mirrors.get(who, id);
    }

    @GetMapping("/{id}/ledger")
    @Operation(summary = "What the peer says was sent against what was received and has landed, by day 收发对账")
    Mirrors.MirrorLedger ledger(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return mirrors.ledger(who, id);
    }

    @PostMapping("/{id}/restart")
    @Operation(summary = "Have the peer tell the whole again 从头重新同步")
    Mirror restart(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return mirrors.restart(who, id);
    }

    @PostMapping("/{id}/end")
    @Operation(summary = "Follow it no more; what has landed stays 终止跟踪")
    Mirror end(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return mirrors.end(who, id);
    }

    record WantedMirror(
            @NotBlank @Size(max = 40) String peer,
            @NotNull UUID grant,
            @NotNull @Valid MirroredTable table,
            @NotBlank @Size(max = 100) String title,
            @NotBlank @Size(max = 40) String source) {}

    record MirroredTable(
            @NotBlank @Size(max = 200) String namespace,
            @NotBlank @Size(max = 200) String name) {}
}
