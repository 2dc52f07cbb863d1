package org.qiantang.invoke.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.invoke.Client;
import org.qiantang.invoke.Clients;
import org.qiantang.invoke.Scope;
import org.qiantang.invoke.SigningKeys;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.org.KeyRing;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "clients", description = "客户端 · systems that call by themselves, and the keys that sign their tokens")
class ClientsController {
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_KEY = 10_000;
    private static final int LONGEST_SUBJECT = 500;
    private static final int MOST_SCOPES = 10;

    private final Clients clients;
    private final SigningKeys keys;

    ClientsController(Clients clients, SigningKeys keys) {
        this.clients = clients;
        this.keys = keys;
    }

    @GetMapping("/api/clients")
    @Operation(summary = "The clients of one's department, or all 客户端列表")
    List<Client> list(@AuthenticationPrincipal Account who) {
        return clients.list(who);
    }

    @PostMapping("/api/clients")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Register a client with a public key, or have a secret made that is shown once 登记客户端")
    Clients.Given register(
            @Valid @RequestBody NewClient client, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return clients.register(
                who,
                actor(who, request),
                client.id(),
                client.title(),
                client.department(),
                client.scopes() == null ? Set.of(Scope.SERVICES) : client.scopes(),
                new Clients.Brought(client.publicKey(), client.certificate(), client.subject(), client.expiresAt()));
    }

    @PostMapping("/api/clients/{client}/credentials")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Give it a second credential, so that one can take over from the other 增加凭据")
    Clients.Given add(
            @PathVariable String client,
            @Valid @RequestBody NewCredential credential,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return clients.addCredential(
                who,
                actor(who, request),
                client,
                new Clients.Brought(
                        credential.publicKey(),
                        credential.certificate(),
                        credential.subject(),
                        credential.expiresAt()));
    }

    @PutMapping("/api/clients/{client}/scopes")
    @Operation(summary = "Say what its tokens may be for; what is taken away is gone at once 设定客户端权限范围")
    Client setScopes(
            @PathVariable String client,
            @Valid @RequestBody WantedScopes wanted,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return clients.setScopes(who, actor(who, request), client, wanted.scopes());
    }

    @DeleteMapping("/api/clients/{client}/credentials/{credential}")
    @Operation(summary = "Let no new token come of a credential 撤销凭据")
    Client revokeCredential(
            @PathVariable String client,
            @PathVariable UUID credential,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return clients.revokeCredential(who, actor(who, request), client, credential);
    }

    @PostMapping("/api/clients/{client}/revoke")
    @Operation(summary = "Let nothing it shows count, at once and for ever 撤销客户端")
    Client revoke(@PathVariable String client, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return clients.revoke(who, actor(who, request), client);
    }

    @GetMapping("/api/signing-keys")
    @Operation(summary = "The keys whose signatures count now 令牌签名密钥")
    List<KeyRing.PublishedKey> keys() {
        return keys.list();
    }

    @PostMapping("/api/signing-keys/rotate")
    @Operation(summary = "Let a new key sign; the one before counts until its last token ends 更换签名密钥")
    List<KeyRing.PublishedKey> rotate(@AuthenticationPrincipal Account who, HttpServletRequest request) {
        return keys.rotate(actor(who, request));
    }

    private static Actor actor(Account who, HttpServletRequest request) {
        return new Actor(who.username(), request.getRemoteAddr());
    }

    /**
     * @param department null for one's own
     * @param scopes what its tokens may be for; null for calling data services alone
     * @param publicKey PEM or JWK; null for something else, or a secret
     * @param certificate PEM, of its own
     * @param subject of certificates that an authority issues (RFC 4514)
     * @param expiresAt of the credential; null for never
     */
    record NewClient(
            @NotBlank @Size(max = LONGEST_NAME) String id,
            @NotBlank @Size(max = LONGEST_NAME) String title,
            @Nullable @Size(max = LONGEST_NAME) String department,
            @Nullable @Size(max = MOST_SCOPES) Set<@NotNull Scope> scopes,
            @Nullable @Size(max = LONGEST_KEY) String publicKey,
            @Nullable @Size(max = LONGEST_KEY) String certificate,
            @Nullable @Size(max = LONGEST_SUBJECT) String subject,
            @Nullable Instant expiresAt) {}

    record WantedScopes(@NotEmpty @Size(max = MOST_SCOPES) Set<@NotNull Scope> scopes) {}

    record NewCredential(
            @Nullable @Size(max = LONGEST_KEY) String publicKey,
            @Nullable @Size(max = LONGEST_KEY) String certificate,
            @Nullable @Size(max = LONGEST_SUBJECT) String subject,
            @Nullable Instant expiresAt) {}
}
