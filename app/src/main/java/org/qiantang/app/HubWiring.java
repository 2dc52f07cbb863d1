package org.qiantang.app;

import java.util.Set;
import org.qiantang.app.install.Secrets;
import org.qiantang.app.install.WorkerProcess;
import org.qiantang.app.worker.WorkerClient;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Role;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Joins the hub with the installation that starts it: its worker process, and the accounts of a trial. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBean(WorkerProcess.class)
class HubWiring {
    @Bean
    WorkerClient workerClient(WorkerProcess worker) {
        return new WorkerClient(worker::address);
    }

    @Bean
    ApplicationRunner trialAccounts(Accounts accounts, Secrets secrets, QiantangProperties properties) {
        return arguments -> {
            if (properties.trial()) {
                for (Secrets.TrialAccount trial : secrets.trialAccounts()) {
                    Account account = new Account(
                            trial.username(), trial.displayName(), Set.of(Role.valueOf(trial.role())), null);
                    accounts.ensure(account, trial.password());
                }
            }
        };
    }
}
