import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'zones',
  messages,
  roles: ['ENGINEER', 'AUDITOR', 'ZONE_MEMBER'],
  menu: { to: '/zones', icon: 'lock', label: 'zones.menu', order: 1.25, also: ['/zone-runs', '/products'] },
  routes: [
    { path: '/zones', name: 'zones', component: () => import('./ZonesPage.vue'), meta: { title: 'zones.menu' } },
    { path: '/zones/:id', name: 'zone', component: () => import('./ZonePage.vue'), meta: { title: 'zones.zone' } },
    { path: '/zone-runs/:id', name: 'zone-run', component: () => import('./ZoneRunPage.vue'), meta: { title: 'zones.run' } },
    { path: '/products', name: 'products', component: () => import('./ProductsPage.vue'), meta: { title: 'zones.products' } },
    { path: '/open/products', name: 'open-products', component: () => import('./OpenProductsPage.vue'), meta: { open: true, title: 'zones.openTitle' } },
  ],
} satisfies UiModule
