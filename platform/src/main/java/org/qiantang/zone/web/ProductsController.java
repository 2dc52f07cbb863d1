package org.qiantang.zone.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.portal.OpenThrottle;
import org.qiantang.zone.Product;
import org.qiantang.zone.Products;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(
        name = "products",
        description = "数据产品登记 · the register of what was made in the zones; what is published is open to everybody")
class ProductsController {
    private static final int LONGEST_WORDS = 2_000;
    private static final int MOST_RELEASES = 200;

    private final Products products;
    private final OpenThrottle throttle;

    ProductsController(Products products, OpenThrottle throttle) {
        this.products = products;
        this.throttle = throttle;
    }

    @GetMapping("/api/products")
    @Operation(summary = "The register 产品登记簿")
    List<Product> list(@AuthenticationPrincipal Account who) {
        return products.list(who);
    }

    @PostMapping("/api/products")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Register a product 登记")
    Product register(@Valid @RequestBody ProductRegistration registered, @AuthenticationPrincipal Account who) {
        return products.register(who, registered.zone, registered.product.wanted());
    }

    @GetMapping("/api/products/{id}")
    @Operation(summary = "A product 产品详情")
    Product get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return products.get(who, id);
    }

    @PutMapping("/api/products/{id}")
    @Operation(summary = "Say something else of it; it has to be published again 变更登记")
    Product change(
            @PathVariable UUID id, @Valid @RequestBody ProductEdit changed, @AuthenticationPrincipal Account who) {
        return products.change(who, id, changed.revision, changed.product.wanted());
    }

    @PostMapping("/api/products/{id}/publish")
    @Operation(summary = "Put it on the open portal 发布")
    Product publish(
            @PathVariable UUID id,
            @Valid @RequestBody ProductSeen seen,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return products.publish(new Actor(who.username(), request.getRemoteAddr()), id, seen.revision);
    }

    @PostMapping("/api/products/{id}/withdraw")
    @Operation(summary = "Hand nothing of it out any more, at once and for good 撤回")
    Product withdraw(
            @PathVariable UUID id,
            @Valid @RequestBody ProductReason because,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request) {
        return products.withdraw(who, request.getRemoteAddr(), id, because.words);
    }

    @GetMapping("/api/open/products")
    @Operation(summary = "The data products that are published, for everybody 数据产品目录")
    List<Product> open(HttpServletRequest request) {
        throttle.call(request.getRemoteAddr());
        return products.open();
    }

    @GetMapping("/api/open/products/{id}")
    @Operation(summary = "One of them 数据产品详情")
    Product open(@PathVariable UUID id, HttpServletRequest request) {
        throttle.call(request.getRemoteAddr());
        return products.open(id);
    }

    @GetMapping("/api/open/products/{id}/releases/{release}/file")
    @Operation(summary = "A file of one that is free for the public good 下载")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "text/csv", schema = @Schema(type = "string")))
    ResponseEntity<byte[]> openFile(@PathVariable UUID id, @PathVariable UUID release, HttpServletRequest request) {
        throttle.file(request.getRemoteAddr());
        return ZonesController.csv(products.openFile(id, release));
    }

    record ProductRegistration(
            @NotNull UUID zone, @NotNull @Valid ProductWanted product) {}

    /** @param revision of the product as it was looked at */
    record ProductSeen(@NotNull Integer revision) {}

    record ProductEdit(int revision, @NotNull @Valid ProductWanted product) {}

    record ProductWanted(
            @NotBlank @Size(max = 200) String name,
            Product.@NotNull Kind kind,
            @NotBlank @Size(max = LONGEST_WORDS) String purpose,
            Product.@NotNull Price price,
            @NotBlank @Size(max = LONGEST_WORDS) String priceBasis,
            @NotNull @Size(max = MOST_RELEASES) List<@NotNull UUID> releases) {
        Products.Wanted wanted() {
            return new Products.Wanted(name, kind, purpose, price, priceBasis, releases);
        }
    }

    record ProductReason(
            @Nullable @Size(max = LONGEST_WORDS) String words) {}
}
