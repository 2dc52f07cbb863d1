package org.qiantang.invoke.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.qiantang.invoke.DataService;
import org.qiantang.invoke.DataServices;
import org.qiantang.invoke.Definition;
import org.qiantang.invoke.ServiceDocument;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/services")
@Tag(name = "services", description = "数据服务 · questions with a name, an address and parameters")
class DataServicesController {
    private static final int LONGEST_NAME = 63;

    private final DataServices services;

    DataServicesController(DataServices services) {
        this.services = services;
    }

    @GetMapping
    @Operation(summary = "All data services 数据服务列表")
    List<DataService> list(@AuthenticationPrincipal Account who) {
        return services.list(who);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Make one of a resource or a statement; its first version is a draft 新建数据服务")
    ServiceWhole create(@Valid @RequestBody NewService service, @AuthenticationPrincipal Account who) {
        return whole(who, services.create(who, service.name(), service.definition()));
    }

    @PostMapping("/complete")
    @Operation(summary = "Say what fields a definition gives, without saving it 检查定义")
    Definition complete(@Valid @RequestBody Defined defined, @AuthenticationPrincipal Account who) {
        return services.complete(who, defined.definition());
    }

    @GetMapping("/{name}")
    @Operation(summary = "A data service and its versions 数据服务详情")
    ServiceWhole get(@PathVariable String name, @AuthenticationPrincipal Account who) {
        return whole(who, services.get(who, name));
    }

    @PostMapping("/{name}/versions")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Begin the next version 新建版本")
    ServiceWhole next(@PathVariable String name, @AuthenticationPrincipal Account who) {
        return whole(who, services.next(who, name));
    }

    @PutMapping("/{name}/v{version}")
    @Operation(summary = "Write a draft anew 保存草稿")
    ServiceWhole save(
            @PathVariable String name,
            @PathVariable int version,
            @Valid @RequestBody ServiceEdit edit,
            @AuthenticationPrincipal Account who) {
        return whole(who, services.save(who, name, version, edit.revision(), edit.definition()));
    }

    @PostMapping("/{name}/v{version}/publish")
    @Operation(summary = "Let it be called; it stays as it is from now on 发布")
    ServiceWhole publish(@PathVariable String name, @PathVariable int version, @AuthenticationPrincipal Account who) {
        return whole(who, services.publish(who, name, version));
    }

    @PostMapping("/{name}/v{version}/deprecate")
    @Operation(summary = "Say until when it will answer 宣布下线日期")
    ServiceWhole deprecate(
            @PathVariable String name,
            @PathVariable int version,
            @Valid @RequestBody Sunset sunset,
            @AuthenticationPrincipal Account who) {
        return whole(who, services.deprecate(who, name, version, sunset.sunsetAt()));
    }

    @PostMapping("/{name}/v{version}/retire")
    @Operation(summary = "Let it answer no more 下线")
    ServiceWhole retire(@PathVariable String name, @PathVariable int version, @AuthenticationPrincipal Account who) {
        return whole(who, services.retire(who, name, version));
    }

    @GetMapping("/{name}/v{version}/openapi.json")
    @Operation(summary = "Its description for programs 接口说明 (OpenAPI)")
    Map<String, Object> document(
            @PathVariable String name, @PathVariable int version, @AuthenticationPrincipal Account who) {
        return ServiceDocument.of(services.shown(who, name, version));
    }

    private ServiceWhole whole(Account who, DataService service) {
        return new ServiceWhole(service, services.mayChange(who, service));
    }

    /** @param mayChange whether whoever asks may */
    record ServiceWhole(DataService service, boolean mayChange) {}

    record NewService(
            @NotBlank @Size(max = LONGEST_NAME) String name,
            @NotNull Definition definition) {}

    record Defined(@NotNull Definition definition) {}

    record ServiceEdit(int revision, @NotNull Definition definition) {}

    record Sunset(@NotNull Instant sunsetAt) {}
}
